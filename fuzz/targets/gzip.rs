//! Bodies that are, or seem to be, gzip.
#![no_main]

use std::io::Write;

use collect::spec::inflated;
use flate2::{Compression, write::GzEncoder};

const LIMIT_BYTES: usize = 4096;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    if let Ok(plain) = inflated(input, LIMIT_BYTES) {
        let is_gzip = input.starts_with(&[0x1f, 0x8b]);
        assert!(!is_gzip || plain.len() <= LIMIT_BYTES + 1, "{} bytes", plain.len());
        assert!(is_gzip || *plain == *input);
    }
    let packed = packed(input);
    let again = inflated(&packed, LIMIT_BYTES).expect("what is packed can be unpacked");
    assert_eq!(*again, input[..input.len().min(LIMIT_BYTES + 1)]);
});

fn packed(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(plain).expect("memory");
    encoder.finish().expect("memory")
}
