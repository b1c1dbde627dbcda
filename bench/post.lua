-- Load for `wrk`: events of 1,000 bytes, each with a message id of its own.
--   wrk … -s bench/post.lua URL -- EVENTS_IN_ONE_BODY RUN WRITE_KEY_IN_BASE64
-- With 1 the body is one message for /v1/track; with more it is a body for /v1/batch.

local threads = 0

function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end

local EVENT_BYTES = 1000
local USERS = 10000

local sent = 0
local events, run, head, tail

local function filler(bytes)
  return string.rep("lorem-ipsum-", math.ceil(bytes / 12)):sub(1, bytes)
end

function init(args)
  events, run = tonumber(args[1]), args[2]
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  wrk.headers["Authorization"] = "Basic " .. args[3]
  head = '{"type":"track","event":"Product Viewed","messageId":"'
  tail = '"properties":{"product_id":"B-1042","price":19.5,"currency":"EUR","list":"%s"},' ..
    '"context":{"library":{"name":"bench","version":"1"},"page":{"path":"/products/b-1042"}}}'
  local empty = #head + #string.format(tail, "") + #'rr-00-000000000","userId":"u00000",'
  tail = string.format(tail, filler(EVENT_BYTES - empty))
end

local function event()
  sent = sent + 1
  return head .. string.format('%s-%02d-%09d","userId":"u%05d",', run, number, sent, sent * 7919 % USERS) .. tail
end

function request()
  if events == 1 then
    return wrk.format(nil, nil, nil, event())
  end
  local list = {}
  for place = 1, events do
    list[place] = event()
  end
  return wrk.format(nil, nil, nil, '{"batch":[' .. table.concat(list, ",") .. "]}")
end
