//! Pulls from the command line: in a folder that nobody has open, and of a running server.

use std::path::Path;
use std::process::Command;

use e2e::{Server, binary, run};

const ROWS: &str = "id,mail,changed\n1,ann@example.com,2026-01-01\n2,nobody,2026-01-01\n";

fn definition(desk: &Path) -> String {
    let exports = desk.join("exports");
    std::fs::create_dir_all(&exports).expect("a folder");
    std::fs::write(exports.join("a.csv"), ROWS).expect("a file");
    let file = desk.join("crm.yaml");
    let text = format!(
        "version: 1\npull: crm\nfrom: {{ folder: {{ path: {}, settle: 0s }} }}\nmap:\n  version: 1\n  record:\n    \
         key: \"{{id}}\"\n    version: \"{{changed}}\"\n    identifiers: {{ email: \"{{mail}}\" }}\n",
        exports.display()
    );
    std::fs::write(&file, text).expect("a file");
    file.to_str().expect("plain").to_owned()
}

#[test]
fn a_folder_of_its_own() {
    let desk = tempfile::tempdir().expect("a folder");
    let (data, file) = (desk.path().join("data"), definition(desk.path()));
    let foreseen = run(&data, &["pulls", "dry-run", &file, "--json"]).well().json();
    assert_eq!((&foreseen["records"], &foreseen["refused"]), (&1.into(), &1.into()), "{foreseen}");
    assert_eq!(run(&data, &["pulls", "create", &file]).well().stdout, "crm\n");
    assert!(run(&data, &["pulls", "create", &file]).stderr.contains("there is a pull `crm` already"));
    assert_eq!(run(&data, &["pulls", "run", "crm", "--json"]).well().json(), foreseen);
    assert!(run(&data, &["pulls", "list"]).well().stdout.starts_with("crm "));
    let shown = run(&data, &["pulls", "show", "crm"]).well().stdout;
    assert!(shown.contains("run 1 at") && shown.contains("1 record,") && shown.contains("no_identifier"), "{shown}");
    assert!(run(&data, &["pulls", "errors", "crm"]).well().stdout.contains("\"raw\":\"2,nobody,2026-01-01\""));
    let again = run(&data, &["pulls", "run", "crm", "--json"]).well().json();
    assert_eq!(again["rows"], 0, "a file is read once");
    run(&data, &["pulls", "remove", "crm"]).well();
    assert!(!run(&data, &["pulls", "show", "crm"]).success);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_server() {
    let server = Server::start().await;
    let file = definition(server.desk());
    let ask = |words: &[&str]| {
        let mut command = Command::new(binary());
        command.arg("--data").arg(server.data()).arg("pulls").args(words).env("SONDER_TOKEN", server.token());
        let output = command.output().expect("the binary can be started");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let foreseen = ask(&["dry-run", &file, "--json"]);
    ask(&["create", &file]);
    assert_eq!(ask(&["run", "crm", "--json"]), foreseen);
    assert!(ask(&["list"]).starts_with("crm "));
    assert!(ask(&["show", "crm"]).contains("run 1 at"));
    assert!(ask(&["errors", "crm"]).contains("no_identifier"));
    server.walked().await;
    let found = server.get("/v1/profiles/email:ann@example.com/metadata").await;
    assert!(found.is_success(), "{}", found.text);
    ask(&["remove", "crm"]);
    assert_eq!(ask(&["list"]), "");
}
