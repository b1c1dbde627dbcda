pub fn run() -> anyhow::Result<()> {
    println!("{}", server::document().to_pretty_json()?);
    Ok(())
}
