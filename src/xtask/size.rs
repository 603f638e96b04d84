//! `cargo xtask size`: what the page downloads, whole and by part, and what is uploaded as Workers.
//!
//! Parts are told apart by the names of functions: the module is optimized once more with its names kept, which changes
//! no code. A function counts for the module it is written in; what the compiler put inside another counts for that.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use wasmparser::{Data, KnownCustom, Name, Parser, Payload, TypeRef};

use crate::kit::{Kit, Part};
use crate::process::output;
use crate::{browser, node, worker, workspace};

/// Prints bytes as they are, with gzip -9 and with brotli, of each file named.
const MEASURE: &str = "
import { readFileSync } from 'node:fs';
import { brotliCompressSync, gzipSync } from 'node:zlib';
for (const file of process.argv.slice(1)) {
  const bytes = readFileSync(file);
  console.log(bytes.length, gzipSync(bytes, { level: 9 }).length, brotliCompressSync(bytes).length);
}";

/// Measures everything that is built.
pub fn run() -> Result<()> {
    let kit = Kit::ready()?;
    kit.build(&Part::ALL)?;
    let folder = workspace::path("target/size");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;

    let package = browser::package();
    println!("browser module                 raw      gzip    brotli");
    table(&[("module".to_owned(), package.join("postgate.wasm")), ("glue".to_owned(), package.join("glue.js"))])?;
    println!("\nby part (each compressed alone, so the sum is above the whole)");
    table(&parts(&folder)?)?;
    println!("\nWorkers");
    for worker in [&worker::EDGE, &worker::SANDBOX] {
        let name = |file| format!("{} {file}", worker.name);
        table(&[
            (name("module"), worker.folder().join("index_bg.wasm")),
            (name("script"), worker.folder().join("index.js")),
        ])?;
    }
    Ok(())
}

fn table(rows: &[(String, PathBuf)]) -> Result<()> {
    let mut node = node::program("node");
    node.args(["--input-type=module", "--eval", MEASURE]).args(rows.iter().map(|(_, path)| path));
    let sizes = output(&mut node)?;
    let mut sum = [0_u64; 3];
    for ((name, _), line) in rows.iter().zip(sizes.lines()) {
        let mut numbers = [0_u64; 3];
        for (at, number) in line.split(' ').enumerate().take(3) {
            numbers[at] = number.parse().context("reading sizes")?;
            sum[at] += numbers[at];
        }
        print_row(name, numbers);
    }
    if rows.len() > 1 {
        print_row("sum", sum);
    }
    Ok(())
}

fn print_row(name: &str, [raw, gzip, brotli]: [u64; 3]) {
    println!("  {name:22} {raw:>9} {gzip:>9} {brotli:>9}");
}

/// Takes the module apart into a file for each part, largest first.
fn parts(folder: &Path) -> Result<Vec<(String, PathBuf)>> {
    let named = folder.join("named.wasm");
    browser::optimize(&named, &["--debuginfo"])?;
    let module = fs::read(&named)?;

    let mut names = BTreeMap::new();
    let mut bodies = Vec::new();
    let mut data = Vec::new();
    let mut imported = 0;
    let mut own = 0;
    for payload in Parser::new(0).parse_all(&module) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionEntry(body) => {
                bodies.push((imported + own, body.as_bytes()));
                own += 1;
            }
            Payload::DataSection(section) => {
                for segment in section {
                    let Data { data: bytes, .. } = segment?;
                    data.extend_from_slice(bytes);
                }
            }
            Payload::CustomSection(section) => {
                let KnownCustom::Name(section) = section.as_known() else { continue };
                for name in section {
                    let Name::Function(functions) = name? else { continue };
                    for function in functions {
                        let function = function?;
                        names.insert(function.index, function.name.to_owned());
                    }
                }
            }
            _ => {}
        }
    }

    let mut parts: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for (index, code) in bodies {
        let part = names.get(&index).map_or_else(|| "other".to_owned(), |name| part(name));
        parts.entry(part).or_default().extend_from_slice(code);
    }
    parts.insert("(data)".to_owned(), data);
    let mut parts: Vec<_> = parts.into_iter().collect();
    parts.sort_by_key(|(_, bytes)| std::cmp::Reverse(bytes.len()));
    let mut rows = Vec::new();
    for (name, bytes) in parts {
        let path = folder.join(&name);
        fs::write(&path, bytes)?;
        rows.push((name, path));
    }
    Ok(rows)
}

/// The part that a function belongs to. Ours comes first wherever it stands: `Vec<postgate_core::issue::Issue>`'s code
/// is there for the sake of issues.
fn part(name: &str) -> String {
    let name = format!("{:#}", rustc_demangle::demangle(name));
    if let Some(at) = name.find("postgate_core::") {
        let rest = &name[at + "postgate_core::".len()..];
        let module = rest.split(|sign: char| !(sign.is_alphanumeric() || sign == '_')).next().unwrap_or_default();
        // A name of the crate's own root has nothing, or a type or function, in that place.
        let is_file = !module.is_empty() && workspace::path(&format!("src/core/{module}.rs")).is_file();
        return format!("core {}", if is_file { module } else { "lib" });
    }
    let crates: &[(&str, &[&str])] = &[
        ("browser", &["postgate_browser"]),
        ("serde", &["serde", "itoa", "ryu"]),
        ("wasm-bindgen", &["wasm_bindgen", "js_sys", "__wbindgen", "__wbg"]),
        ("csv", &["csv"]),
        (
            "std",
            &[
                "core::",
                "alloc::",
                "std::",
                "compiler_builtins",
                "dlmalloc",
                "hashbrown",
                "__rust",
                "__rg_",
                "mem",
                "rust_",
            ],
        ),
    ];
    for (part, beginnings) in crates {
        // `<alloc::string::String as …>` begins with its first crate too.
        let bare = name.trim_start_matches(['<', '&', '[', '(', '*']);
        if beginnings.iter().any(|beginning| bare.starts_with(beginning)) {
            return (*part).to_owned();
        }
    }
    "other".to_owned()
}
