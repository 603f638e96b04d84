//! The page's module and the npm package: one build, laid out in `target/npm/package`, copied to `www/pkg`.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::kit::Kit;
use crate::process::{command, output, run, say};
use crate::rust::WASM;
use crate::shrink::{self, Module};
use crate::stamp::Stamp;
use crate::{node, rust, workspace};

/// The folder that `npm pack` packs.
pub fn package() -> PathBuf {
    workspace::path("target/npm/package")
}

/// What wasm-bindgen and wasm-opt made: `postgate.js`, `postgate_bg.wasm` and the optimized `postgate.wasm`.
pub fn folder() -> PathBuf {
    workspace::path("target/npm/module")
}

/// Builds the module, then lays the package out.
pub fn build(kit: &Kit) -> Result<()> {
    let sources = workspace::path("src/browser/npm");
    if !sources.join("package.json").is_file() {
        bail!("src/browser/npm/package.json is missing: the npm package is assembled from that folder");
    }
    module(kit)?;
    lay(&sources)?;
    publish()
}

fn module(kit: &Kit) -> Result<()> {
    say("building postgate-browser");
    let mut cargo = kit.toolchain.cargo();
    run(cargo.args(["build", "--lib", "--profile", "browser", "--target", WASM, "--package", "postgate-browser"]))?;

    let compiled = workspace::cargo_target().join(WASM).join("browser/postgate_browser.wasm");
    let bytes = fs::read(&compiled).context("postgate-browser gave no module: has it crate-type = [\"cdylib\"]?")?;
    let lock = fs::read(workspace::path("package-lock.json"))?;
    let folder = folder();
    fs::create_dir_all(&folder)?;
    let ways = shrink::WAYS.concat();
    let stamp = Stamp::new(folder.join("stamp"), &[&bytes, &lock, kit.tools.versions.as_bytes(), ways.as_bytes()]);
    if stamp.holds(&[&folder.join("postgate.js"), &folder.join("postgate.wasm")]) {
        return Ok(());
    }
    stamp.clear();
    let mut bindgen = command(&kit.tools.wasm_bindgen);
    bindgen.args(["--target", "web", "--no-typescript", "--out-name", "postgate"]);
    // Only some entries know where the module lies; and the package makes a new instance after a trap.
    bindgen.args(["--omit-default-module-path", "--experimental-reset-state-function", "--out-dir"]);
    run(bindgen.arg(&folder).arg(&compiled))?;
    say("optimizing the module for size");
    let module = folder.join("postgate.wasm");
    made().silence()?;
    made().shrink(&module)?;
    names_no_folder(&fs::read(module)?)?;
    stamp.set()
}

/// Whoever gets the module is not told where it was built.
fn names_no_folder(module: &[u8]) -> Result<()> {
    for folder in [rust::cargo_home(), Some(workspace::path(""))].into_iter().flatten() {
        let folder = folder.to_string_lossy();
        if module.windows(folder.len()).any(|bytes| bytes == folder.as_bytes()) {
            bail!("the module names a folder of this machine");
        }
    }
    Ok(())
}

/// wasm-bindgen's module.
pub fn made() -> Module {
    Module { file: folder().join("postgate_bg.wasm"), text: folder().join("postgate.wat"), features: &[] }
}

/// Lays the package out in a new folder, then puts that in the place of the old one.
fn lay(sources: &Path) -> Result<()> {
    let package = package();
    let unfinished = package.with_extension("unfinished");
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished)?;
    }
    copy_all(sources, &unfinished)?;

    let manifest = fs::read_to_string(sources.join("package.json"))?;
    fs::write(unfinished.join("package.json"), with_version(&manifest)?)?;
    fs::copy(workspace::path("src/browser/types.d.ts"), unfinished.join("types.d.ts"))
        .context("copying src/browser/types.d.ts")?;
    fs::copy(folder().join("postgate.js"), unfinished.join("glue.js"))?;
    fs::copy(folder().join("postgate.wasm"), unfinished.join("postgate.wasm"))?;
    fs::write(unfinished.join("packed.js"), packed(&folder().join("postgate.wasm"))?)?;
    let snippets = folder().join("snippets");
    if snippets.exists() {
        copy_all(&snippets, &unfinished.join("snippets"))?;
    }
    for name in ["LICENSE", "NOTICE"] {
        let file = workspace::path(name);
        if file.is_file() {
            fs::copy(file, unfinished.join(name))?;
        }
    }
    if package.exists() {
        fs::remove_dir_all(&package)?;
    }
    fs::rename(&unfinished, &package)?;
    Ok(())
}

/// Prints the file that is named, with gzip -9, in base64.
const PACK: &str = "
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
console.log(gzipSync(readFileSync(process.argv[1]), { level: 9 }).toString('base64'));";

/// The module as a text, for the entry that has it inside. Compressed it is not half of what bytes in base64 would be.
fn packed(module: &Path) -> Result<String> {
    let mut node = node::program("node");
    node.args(["--input-type=module", "--eval", PACK]);
    let text = output(node.arg(module))?;
    Ok(format!(
        "// The module: gzip, then base64. Made by `cargo xtask build browser`.\n\nexport default \"{text}\";\n"
    ))
}

/// The manifest with the workspace's version in the place of its own, line breaks and order kept.
fn with_version(manifest: &str) -> Result<String> {
    let key = "\"version\": \"";
    let Some(start) = manifest.find(key).map(|at| at + key.len()) else {
        bail!("src/browser/npm/package.json has no \"version\": xtask fills it in");
    };
    let end = start + manifest[start..].find('"').context("src/browser/npm/package.json is cut off")?;
    Ok(format!("{}{}{}", &manifest[..start], workspace::version(), &manifest[end..]))
}

/// Files of the package that a page served by the Worker has no use for.
const OTHER_ENTRIES: &[&str] = &["node.js", "edge.js", "slim.js", "inline.js", "packed.js"];

/// Copies the package's programs to where the page loads them, touching only what changed: wrangler watches there.
fn publish() -> Result<()> {
    let (from, to) = (package(), workspace::path("www/pkg"));
    fs::create_dir_all(&to)?;
    let mut kept = Vec::new();
    for entry in fs::read_dir(&from)? {
        let entry = entry?;
        let path = entry.path();
        let name = entry.file_name();
        let is_program = matches!(path.extension().and_then(OsStr::to_str), Some("js" | "wasm"));
        if !is_program || OTHER_ENTRIES.iter().any(|entry| name == **entry) {
            continue;
        }
        let bytes = fs::read(&path)?;
        let target = to.join(&name);
        if !fs::read(&target).is_ok_and(|old| old == bytes) {
            let unfinished = to.join(format!(".{}", name.to_string_lossy()));
            fs::write(&unfinished, bytes)?;
            fs::rename(&unfinished, &target)?;
        }
        kept.push(name);
    }
    for entry in fs::read_dir(&to)? {
        let entry = entry?;
        if entry.file_type()?.is_file() && !kept.contains(&entry.file_name()) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn copy_all(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_all(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
