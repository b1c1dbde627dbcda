//! Lists the console's built files, so that they are taken into the binary. Without `console/dist` the list is empty and the build goes on.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() {
    let dist = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("../../console/dist");
    println!("cargo::rerun-if-changed={}", dist.display());
    println!("cargo::rerun-if-changed=build.rs");
    let mut files = Vec::new();
    gather(&dist, &mut files);
    files.sort();
    let mut source =
        String::from("/// Every file of the console; none when it was not built.\npub static FILES: &[File] = &[\n");
    for file in files.iter().filter(|file| file.extension().is_none_or(|extension| extension != "br")) {
        let name = file.strip_prefix(&dist).expect("the files were found there").to_string_lossy().replace('\\', "/");
        let brotli = PathBuf::from(format!("{}.br", file.display()));
        let brotli = if brotli.exists() { format!("Some(include_bytes!({brotli:?}))") } else { "None".to_owned() };
        let content_type = content_type(file);
        let _ = writeln!(
            source,
            "    File {{ path: {name:?}, content_type: {content_type:?}, plain: include_bytes!({file:?}), brotli: {brotli} }},"
        );
    }
    source.push_str("];\n");
    let out = PathBuf::from(std::env::var("OUT_DIR").expect("cargo sets it"));
    std::fs::write(out.join("console.rs"), source).expect("the output folder can be written");
}

fn gather(dir: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { gather(&path, files) } else { files.push(path) }
    }
}

fn content_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}
