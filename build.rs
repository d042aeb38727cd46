//! Embeds every file below `checks/`: adding a check is adding one file, nothing is listed by hand.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=checks");
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?);
    let mut files = Vec::new();
    collect(&root.join("checks"), &mut files)?;
    files.sort();
    let mut code = String::from("&[\n");
    for file in &files {
        let id = file
            .strip_prefix(root.join("checks"))
            .map_err(io::Error::other)?
            .with_extension("");
        writeln!(
            code,
            "({:?}, include_str!({:?})),",
            id.display().to_string(),
            file
        )
        .map_err(io::Error::other)?;
    }
    code.push(']');
    let out = PathBuf::from(env::var("OUT_DIR").map_err(io::Error::other)?);
    fs::write(out.join("checks.rs"), code)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            files.push(path);
        }
    }
    Ok(())
}
