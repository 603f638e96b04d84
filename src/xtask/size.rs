//! `cargo xtask size`: what the page downloads, whole and by part against its budget, and what is uploaded as Workers.
//!
//! Parts are told apart by the names of functions: the module is written once more with its names kept, which changes no
//! code. A function counts for the module it is written in; what the compiler put inside another counts for that.
//! Tables of the core are found in the module's data by what they hold.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use wasmparser::{Data, KnownCustom, Name, Parser, Payload, TypeRef};

use crate::kit::{Kit, Part};
use crate::process::output;
use crate::{browser, node, worker, workspace};

/// What each part may take; the file says how to read it.
const BUDGETS: &str = "src/xtask/budgets.txt";
/// The part of what no line of the budgets names.
const REST: &str = "judge";
/// Tables, and the modules whose they are.
const TABLES: &[(&str, &str)] =
    &[("phone/table.bin", "phone"), ("segment/clusters.bin", "segment"), ("segment/smart.bin", "segment")];

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
    Kit::ready()?.build(&Part::ALL)?;
    let held = hold();
    println!("\nWorkers                           raw      gzip    brotli");
    for worker in [&worker::EDGE, &worker::SANDBOX] {
        let name = |file| format!("{} {file}", worker.name);
        for (name, sizes) in measure(&[
            (name("module"), worker.folder().join("index_bg.wasm")),
            (name("script"), worker.folder().join("index.js")),
        ])? {
            print_row(&name, sizes, "");
        }
    }
    held
}

/// Measures the module that is built, and fails where it, or a part of it, is over its limit.
pub fn hold() -> Result<()> {
    let folder = workspace::path("target/size");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let budgets = budgets()?;

    let package = browser::package();
    println!("browser module                    raw      gzip    brotli     limit       aim");
    let whole = [("whole".to_owned(), package.join("postgate.wasm")), ("glue.js".to_owned(), package.join("glue.js"))];
    let mut sizes = measure(&whole)?;
    sizes.extend(measure(&parts(&folder, &budgets)?)?);
    let mut over = Vec::new();
    for (at, (name, size)) in sizes.iter().enumerate() {
        let budget = budgets.iter().find(|budget| budget.part == *name);
        let against = budget.map_or_else(String::new, |budget| format!("{:>9} {:>9}", budget.limit, budget.aim));
        print_row(name, *size, &against);
        if budget.is_some_and(|budget| size[1] > budget.limit) {
            over.push(name.as_str());
        }
        if at == 1 {
            println!("\nby part, each compressed alone, so their sum is above the whole");
        }
    }
    if !over.is_empty() {
        bail!("over the limit of {BUDGETS}: {}", over.join(", "));
    }
    Ok(())
}

/// A line of the budgets.
struct Budget {
    part: String,
    limit: u64,
    aim: u64,
    modules: Vec<String>,
}

fn budgets() -> Result<Vec<Budget>> {
    let text = fs::read_to_string(workspace::path(BUDGETS)).context("reading the budgets")?;
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let mut words = line.split_whitespace().map(str::to_owned);
            let (Some(part), Some(limit), Some(aim)) = (words.next(), words.next(), words.next()) else {
                bail!("{BUDGETS}: a line needs a part, a limit and an aim: {line}");
            };
            let number = |word: &str| word.parse().with_context(|| format!("{BUDGETS}: {word} is no number of bytes"));
            Ok(Budget { part, limit: number(&limit)?, aim: number(&aim)?, modules: words.collect() })
        })
        .collect()
}

fn measure(rows: &[(String, PathBuf)]) -> Result<Vec<(String, [u64; 3])>> {
    let mut node = node::program("node");
    node.args(["--input-type=module", "--eval", MEASURE]).args(rows.iter().map(|(_, path)| path));
    let sizes = output(&mut node)?;
    let mut measured = Vec::new();
    for ((name, _), line) in rows.iter().zip(sizes.lines()) {
        let mut numbers = [0_u64; 3];
        for (place, number) in numbers.iter_mut().zip(line.split(' ')) {
            *place = number.parse().context("reading sizes")?;
        }
        measured.push((name.clone(), numbers));
    }
    Ok(measured)
}

fn print_row(name: &str, [raw, gzip, brotli]: [u64; 3], against: &str) {
    println!("  {name:25} {raw:>9} {gzip:>9} {brotli:>9} {against}");
}

/// Takes the module apart into a file for each part, largest first.
fn parts(folder: &Path, budgets: &[Budget]) -> Result<Vec<(String, PathBuf)>> {
    let named = folder.join("named.wasm");
    browser::made().name(&named)?;
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

    // A module counts where it is named itself, else where the folder is that it lies in.
    let part_of = |module: &str| {
        let folder = module.split('/').next().unwrap_or_default();
        let naming = |name: &str| budgets.iter().find(|budget| budget.modules.iter().any(|known| known == name));
        naming(module).or_else(|| naming(folder)).map_or(REST, |budget| &budget.part).to_owned()
    };
    let mut parts: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for (index, code) in bodies {
        let module = names.get(&index).map_or_else(|| "std".to_owned(), |name| module_of(name));
        parts.entry(part_of(&module)).or_default().extend_from_slice(code);
    }
    for (file, module) in TABLES {
        let table = fs::read(workspace::path("src/core").join(file))?;
        let at = data.windows(table.len()).position(|bytes| bytes == table);
        let at = at.with_context(|| format!("{file} does not lie in the module's data in one piece"))?;
        parts.entry(part_of(module)).or_default().extend(data.drain(at..at + table.len()));
    }
    parts.insert(part_of("texts"), data);
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

/// The module of the core, as its file's path, or the crate, that a function belongs to. Ours comes first wherever it
/// stands: `Vec<postgate_core::finding::issue::Issue>`'s code is there for the sake of issues.
fn module_of(name: &str) -> String {
    let name = format!("{:#}", rustc_demangle::demangle(name));
    if let Some((_, mut path)) = name.split_once("postgate_core::") {
        let mut module = String::new();
        while let Some((part, rest)) = path.split_once("::") {
            let inner = if module.is_empty() { part.to_owned() } else { format!("{module}/{part}") };
            if !workspace::path(&format!("src/core/{inner}.rs")).is_file() {
                break;
            }
            (module, path) = (inner, rest);
        }
        // What stands in the crate's own root is in no module.
        return if module.is_empty() { "lib".to_owned() } else { module };
    }
    // What wasm-bindgen puts around a function that is exported goes by that function's name.
    let ours = name.contains("postgate_browser") || name.contains(" shim");
    let crates: &[(&str, &[&str])] =
        &[("bindgen", &["wasm_bindgen", "js_sys", "__wbindgen", "__wbg", "__externref"]), ("csv", &["csv"])];
    // `<alloc::string::String as …>` begins with its first crate too.
    let bare = name.trim_start_matches(['<', '&', '[', '(', '*']);
    let found = crates.iter().find(|(_, beginnings)| beginnings.iter().any(|beginning| bare.starts_with(beginning)));
    if ours { "browser" } else { found.map_or("std", |(name, _)| name) }.to_owned()
}
