//! Writes inputs to begin with: `cargo run --example seed CAPTURES CORPUS`. `CAPTURES` is a folder of captured requests of unmodified clients, a folder for
//! each, and may be absent; then only what stands in this file and in the guide is written.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use collect::adapters::{ALL, Entrance, Method};
use flate2::{Compression, write::GzEncoder};
use fuzz::disk::MemoryDisk;
use lake::journal::{Disk, DiskFile, Frames, Journal, Options};
use model::Fact;
use serde_json::Value;

/// The addresses of the spec, in the order of `targets/spec.rs`.
const ROUTES: [&str; 7] = ["batch", "track", "identify", "page", "screen", "group", "alias"];

fn main() {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [captures, corpus] = &arguments[..] else { panic!("seed CAPTURES CORPUS") };
    let mut seeds = Seeds { corpus: corpus.clone(), written: 0 };
    for capture in requests(captures) {
        seeds.request(&capture);
    }
    seeds.guide();
    seeds.rules();
    seeds.files();
    seeds.journal();
    seeds.words();
    println!("{} inputs", seeds.written);
}

struct Seeds {
    corpus: PathBuf,
    written: usize,
}

impl Seeds {
    fn put(&mut self, target: &str, input: impl AsRef<[u8]>) {
        let folder = self.corpus.join(target);
        fs::create_dir_all(&folder).expect("a folder");
        let text = String::from_utf8_lossy(input.as_ref());
        fs::write(folder.join(kit::Digest::of(&[&text]).to_string()), input).expect("a file");
        self.written += 1;
    }

    fn request(&mut self, request: &Request) {
        let (path, query) = request.url.split_once('?').unwrap_or((&request.url, ""));
        let path = path.trim_end_matches('/');
        let word = path.rsplit('/').next().unwrap_or_default();
        if let Some(route) = ROUTES.iter().position(|route| *route == word || route[..1] == *word) {
            self.put("spec", [&[route as u8], &request.body[..]].concat());
        }
        if request.body.starts_with(&[0x1f, 0x8b]) {
            self.put("gzip", &request.body);
        }
        self.put("keys", &request.authorization);
        let entrances: Vec<&Entrance> = ALL.iter().flat_map(|adapter| adapter.entrances).collect();
        let found =
            entrances.iter().position(|entrance| entrance.method == request.method && is_at(entrance.path, path));
        if let Some(at) = found {
            let head = format!("{path}\n{query}\n{}\n{}\n", request.authorization, request.agent);
            self.put("adapters", [&[at as u8], head.as_bytes(), &request.body].concat());
        }
    }

    /// The examples of the guide.
    fn guide(&mut self) {
        for (page, target) in [("mapping", "mapping"), ("plans", "plans"), ("plans", "mend")] {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../docs/guide/{page}.md"));
            let text = fs::read_to_string(path).expect("a page of the guide");
            let blocks = text.split("```").skip(1).step_by(2);
            for block in blocks.filter_map(|block| block.split_once('\n')).map(|(_, block)| block) {
                if block.contains("mend:") == (target == "mend") {
                    self.put(target, block);
                }
            }
        }
    }

    fn rules(&mut self) {
        for text in RULES {
            self.put("rules", text);
            let rule = lang::parse(text).rule.unwrap_or_else(|| panic!("{text}"));
            let json = serde_json::to_string(&rule).expect("a rule can be written");
            self.put("rule_json", format!("{json}\n---\n{{\"a\":1,\"b\":{{\"c\":[\"x\"]}}}}"));
        }
        self.put(
            "rule_json",
            r#"{"property":"b.c","is":{"op":"contains","value":"x"}}"#.to_owned() + "\n---\n{\"b.c\":\"x\"}",
        );
    }

    fn files(&mut self) {
        self.put("csv", CSV);
        self.put("csv", packed(CSV.as_bytes()));
        self.put("csv", "\u{feff}id;mail\r\n1;a@b.c\r\n");
        self.put("ndjson", NDJSON);
        self.put("ndjson", packed(NDJSON.as_bytes()));
        self.put("gzip", packed(CSV.as_bytes()));
        self.put("parquet", parquet());
        for pixel in PIXELS {
            self.put("pixel", pixel);
        }
    }

    fn journal(&mut self) {
        for number in 0..8_u8 {
            self.put("journal", [&[2 * number + 1], &[40, 1, 7, 0, 2, 0, number * 9, 0, 0xf9][..]].concat());
        }
        let disk = MemoryDisk::default();
        let options = Options { segment_bytes: 8 << 10, ..Options::default() };
        let (journal, _) = Journal::open_on(Arc::new(disk.clone()), options).expect("an empty disk");
        for event in fuzz::events() {
            journal.append_blocking(Frames::of([&Fact::Event(event)]).expect("a fact")).expect("memory");
        }
        drop(journal);
        let file = disk.open("00000000000000000001.seg").expect("a segment");
        let mut bytes = vec![0; file.bytes().expect("its length") as usize];
        file.read_at(&mut bytes, 0).expect("memory");
        let end = bytes.iter().rposition(|byte| *byte != 0).expect("frames") + 1;
        self.put("journal", [&[0], &bytes[..end]].concat());
    }

    fn words(&mut self) {
        for text in WORDS {
            self.put("words", text);
        }
        for text in ["Basic V1JJVEVLRVk6", "Bearer wk_1", "a=1&writeKey=k", r#"{"batch":[],"writeKey":"k"}"#, "wk_1"] {
            self.put("keys", text);
        }
        for text in CONTEXTS {
            self.put("enrich", text);
        }
    }
}

/// A captured request, as far as it is used.
struct Request {
    method: Method,
    url: String,
    authorization: String,
    agent: String,
    body: Vec<u8>,
}

fn requests(captures: &Path) -> Vec<Request> {
    let Ok(clients) = fs::read_dir(captures) else { return Vec::new() };
    let folders = clients.map(|client| client.expect("an entry").path()).filter(|path| path.is_dir());
    let files = folders.flat_map(|folder| fs::read_dir(folder).expect("a folder"));
    let texts = files.map(|file| fs::read_to_string(file.expect("an entry").path()).expect("a capture"));
    texts.filter_map(|text| request(&serde_json::from_str(&text).ok()?)).collect()
}

fn request(capture: &Value) -> Option<Request> {
    let method = match capture["method"].as_str()? {
        "GET" => Method::Get,
        "POST" => Method::Post,
        _ => return None,
    };
    let header = |name: &str| -> String {
        let mut headers = capture["headers"].as_object().into_iter().flatten();
        let found = headers.find(|(key, _)| key.eq_ignore_ascii_case(name)).and_then(|(_, value)| value.as_str());
        found.unwrap_or_default().to_owned()
    };
    let body = BASE64_STANDARD.decode(capture["body_raw_base64"].as_str().unwrap_or_default()).expect("base64");
    let url = capture["url"].as_str()?.to_owned();
    Some(Request { method, url, authorization: header("authorization"), agent: header("user-agent"), body })
}

fn is_at(pattern: &str, path: &str) -> bool {
    let (wanted, given) = (pattern.split('/'), path.split('/'));
    wanted.clone().count() == given.clone().count() && wanted.zip(given).all(|(a, b)| a == b || a.starts_with('{'))
}

fn packed(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(plain).expect("memory");
    encoder.finish().expect("memory")
}

fn parquet() -> Vec<u8> {
    let texts = |values: [&str; 2]| -> ArrayRef { Arc::new(StringArray::from(values.to_vec())) };
    let columns: [(&str, ArrayRef); 5] = [
        ("id", texts(["1", "2"])),
        ("mail", texts(["a@example.com", ""])),
        ("status", texts(["new", "deleted"])),
        ("changed", texts(["2026-01-01", "2026-01-02T10:00:00Z"])),
        ("amount", Arc::new(Float64Array::from(vec![9.5, 0.0]))),
    ];
    let batch = RecordBatch::try_from_iter(columns).expect("columns of one length");
    let mut bytes = Vec::new();
    let mut writer = parquet::arrow::ArrowWriter::try_new(&mut bytes, batch.schema(), None).expect("a schema");
    writer.write(&batch).expect("memory");
    writer.close().expect("memory");
    bytes
}

const RULES: &[&str] = &[
    "country = 'DE' and count('Order Completed' where revenue > 50 in last 30 days) >= 3 and not in audience 'vip'",
    "a > 1.5 or b in ('x', 2) or exists(c.d) or e starts with 'f' or g contains 3 or h != true",
    "count(page since '2026-01-01') = 0 or count(page between '2026-01-01' and '2026-02-01T10:00:00Z') < 2",
    "t < time('2026-01-01') and (not (vip = false))",
    "\"odd name\" = 'it''s' or address.city = 'Berlin'",
    "count(identify where a.b = 'x' and (c <= 1 or exists(d)) in last 2 weeks)",
];

const CSV: &str = "id,mail,status,changed,amount\n1,ann@example.com,new,2026-01-01,9.50\n\"2\",\"b\"\"x\"\"@example.com\",deleted,2026-01-02T10:00:00Z,\n3,,gone,,NULL\n4,x,\"two\nlines\",1.1.2026,a\n";

const NDJSON: &str = r#"{"id":1,"mail":"ann@example.com","status":"new","changed":"2026-01-01","amount":9.50}
{"id":"2","mail":null,"status":"deleted","amount":{"a":[1,"\ud83c\udf89"]}}
{"type":"track","event":"e","userId":"u","properties":{"a":1},"timestamp":"2026-11-24T10:00:00Z"}

{"id":[1],"a.b":{"c":1}}
"#;

const PIXELS: &[&str] = &[
    "\0event=Opened&userId=u1&properties.plan=pro&context={\"ip\":\"::1\"}&messageId=m",
    "\0{\"event\":\"Opened\",\"userId\":\"u1\",\"writeKey\":\"k\",\"properties\":{\"a\":1}}",
    "\u{1}{\"userId\":\"u1\",\"traits\":{\"email\":\"a@example.com\"},\"timestamp\":\"2026-11-24T10:00:00Z\"}",
    "\u{6}{\"type\":\"page\",\"anonymousId\":7,\"name\":\"n\",\"category\":\"c\"}",
];

const WORDS: &[&str] = &[
    "email: Ann@Example.COM",
    "DE+49 30 901820",
    "phone:(201) 555-0123",
    "crm_id:urn:7",
    "name_address:Ann  Lee, Main St. 1",
    "P17",
    "2026-01-31T08:00:00.123+01:00",
    "2026-01-31 08:00",
    "-9223372036854775808ms",
    "Email Marketing",
];

const CONTEXTS: &[&str] = &[
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36\n\"Chromium\";v=\"131\", \"Not_A Brand\";v=\"24\"\n203.0.113.9\n{\"page\":{\"url\":\"https://shop.example/a?utm_source=mail&gclid=x\",\"referrer\":\"https://www.google.at/\"},\"ip\":\"2001:db8::1\"}",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari/604.1\n?1\n::1\n{\"userAgentData\":{\"brands\":[{\"brand\":\"Google Chrome\",\"version\":\"131\"}],\"mobile\":true,\"platform\":\"Windows\",\"platformVersion\":\"15.0.0\",\"model\":\"K\"},\"timezone\":\"Europe/Vienna\",\"ip\":\"192.0.2.7\",\"ip\":\"0.0.0.0\"}",
    "Googlebot/2.1\n\n\n{\"campaign\":{\"source\":\"x\"},\"enriched\":{\"a\":1},\"consent\":{\"categoryPreferences\":{\"a\":false}}}",
];
