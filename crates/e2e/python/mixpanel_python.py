"""Speaks with the unmodified client: python mixpanel_python.py BASE WRITE_KEY"""

import sys

from mixpanel import Consumer, Mixpanel

base, token = sys.argv[1:]
consumer = Consumer(
    events_url=f"{base}/track",
    people_url=f"{base}/engage",
    groups_url=f"{base}/groups",
    import_url=f"{base}/import",
    retry_limit=1,
)
mixpanel = Mixpanel(token, consumer=consumer)

# Every call waits for its answer, and raises what went wrong. `alias` would not: it always speaks to Mixpanel's own server.
mixpanel.track("$device:mixpanel-device", "Looked")
mixpanel.people_set("mixpanel-1", {"$email": "Mixpanel@Example.com", "plan": "pro"})
mixpanel.track("mixpanel-1", "Order Completed", {"order_id": "o-1", "total": 99.5, "revenue": 99.5})
mixpanel.merge(None, "mixpanel-1", "$device:mixpanel-device")
