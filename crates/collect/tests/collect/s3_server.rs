//! A server that speaks the protocol of S3 (PyPI `moto[server]`): a process of a test's own, on a port that it chooses.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use object_store::aws::{AmazonS3, AmazonS3Builder};

use crate::shared;

#[derive(Debug)]
pub struct S3Server {
    process: Child,
    pub endpoint: String,
}

/// Serves until its stdin is closed, and says first at which port.
const PROGRAM: &str = "
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address='127.0.0.1', port=0, verbose=False)
server.start()
import boto3
port = server.get_host_and_port()[1]
boto3.client('s3', endpoint_url=f'http://127.0.0.1:{port}', region_name='us-east-1', aws_access_key_id='key', aws_secret_access_key='secret').create_bucket(Bucket='exports')
print(port, flush=True)
sys.stdin.read()
server.stop()
";

impl S3Server {
    /// Starts a server with an empty bucket `exports`; `None`, after saying so, where there is none.
    pub fn start() -> Option<Self> {
        let python = shared::repository("crates/e2e/python/.venv/bin/python");
        let has_moto = Command::new(&python).args(["-c", "import moto.server, boto3"]).output();
        if !has_moto.is_ok_and(|tried| tried.status.success()) {
            eprintln!("skipped: there is no moto (./dev test installs crates/e2e/python/requirements.txt)");
            return None;
        }
        let mut process = Command::new(&python)
            .args(["-c", PROGRAM])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("python can be started");
        let mut port = String::new();
        let stdout = process.stdout.take().expect("it is piped");
        BufReader::new(stdout).read_line(&mut port).expect("the server says its port");
        Some(Self { process, endpoint: format!("http://127.0.0.1:{}", port.trim()) })
    }

    /// The bucket, for a test to put objects into.
    pub fn bucket(&self) -> AmazonS3 {
        let builder = AmazonS3Builder::new().with_endpoint(&self.endpoint).with_allow_http(true);
        let builder = builder.with_region("us-east-1").with_bucket_name("exports");
        builder.with_access_key_id("key").with_secret_access_key("secret").build().expect("a bucket")
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
