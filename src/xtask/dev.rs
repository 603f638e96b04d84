//! `cargo xtask dev`: edge and sandbox, side by side, until one is told to stop.
//!
//! Both are wranglers with a state and ports of their own; see `server.rs`. A changed source is built once, here, and
//! each wrangler watches what the build gives.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::group::Group;
use crate::process::{command, say};
use crate::server::{Server, must_be_free};
use crate::{sources, workspace};

/// Set for the wranglers that dev starts: it is dev that builds.
pub const BUILDS: &str = "POSTGATE_DEV_BUILDS";

/// Enough for wrangler to call a build that waits for somebody else's.
const START: Duration = Duration::from_secs(300);
/// How often it is looked at processes and signals.
const TICK: Duration = Duration::from_millis(100);
/// How often it is looked at source files.
const LOOK: Duration = Duration::from_millis(400);

/// What `cargo xtask dev` was told.
pub struct Options {
    port: u16,
    sandbox_port: u16,
    persist: PathBuf,
    /// Settings of the edge, as wrangler takes them.
    settings: Vec<String>,
}

impl Options {
    /// Reads the words after `dev`.
    pub fn read(words: &[String]) -> Result<Options> {
        let mut options =
            Options { port: 8787, sandbox_port: 8788, persist: workspace::path(".wrangler"), settings: Vec::new() };
        let mut words = words.iter();
        while let Some(option) = words.next() {
            let mut value = || words.next().with_context(|| format!("{option} needs a value"));
            match option.as_str() {
                "--port" => options.port = port(option, value()?)?,
                "--sandbox-port" => options.sandbox_port = port(option, value()?)?,
                "--persist" => options.persist = std::path::absolute(value()?)?,
                "--set" => {
                    let (name, value) = value()?.split_once('=').context("--set is followed by NAME=VALUE")?;
                    options.settings.push(format!("{name}:{value}"));
                }
                _ => bail!("dev knows --port, --sandbox-port, --persist and --set, not {option}"),
            }
        }
        if options.port == options.sandbox_port {
            bail!("--port and --sandbox-port must differ: both are {}", options.port);
        }
        Ok(options)
    }
}

fn port(option: &str, value: &str) -> Result<u16> {
    match value.parse() {
        Ok(port) if port > 0 => Ok(port),
        _ => bail!("{option} is a number from 1 to 65535, not {value}"),
    }
}

/// Builds, starts both Workers, and keeps them until Ctrl-C, SIGTERM, or the end of one of them.
pub fn run(options: &Options) -> Result<()> {
    must_be_free("--port", options.port)?;
    must_be_free("--sandbox-port", options.sandbox_port)?;
    let stop = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&stop);
    ctrlc::set_handler(move || told.store(true, Ordering::SeqCst)).context("listening for Ctrl-C")?;

    let sources = sources::sum();
    let mut building = build()?;
    let built = loop {
        if stop.load(Ordering::SeqCst) {
            return Ok(());
        }
        if let Some(status) = building.ended()? {
            break status;
        }
        thread::sleep(TICK);
    };
    if !built.success() {
        bail!("the build failed; what went wrong is above");
    }

    say("starting edge and sandbox");
    // The last of two equal names counts.
    let mut settings = vec![format!("UPSTREAM_URL:http://127.0.0.1:{}/v1", options.sandbox_port)];
    settings.extend_from_slice(&options.settings);
    let start = |name, config, port, vars: &[String]| {
        Server::start(name, &workspace::path(config), port, &options.persist.join(name), vars)
    };
    let sandbox = start("sandbox", "src/sandbox/wrangler.toml", options.sandbox_port, &[])?;
    let edge = start("edge", "wrangler.toml", options.port, &settings)?;
    let mut servers = [edge, sandbox];
    let result = keep(&mut servers, sources, &stop);
    say("stopping");
    // Both are asked before one is waited for.
    servers.iter().for_each(Server::ask_to_stop);
    servers.iter_mut().for_each(Server::wait);
    result
}

/// A build in a process of its own, which can be cut off.
fn build() -> Result<Group> {
    Group::start(command("cargo").args(["xtask", "build"]).env_remove(BUILDS))
}

/// Waits until told to stop. wrangler takes up what a build changed by itself.
fn keep(servers: &mut [Server; 2], mut built: u64, stop: &AtomicBool) -> Result<()> {
    let start = Instant::now();
    let mut ready = false;
    let mut building: Option<Group> = None;
    let mut seen = built;
    let mut looked = start;
    while !stop.load(Ordering::SeqCst) {
        for server in servers.iter_mut() {
            if let Some(status) = server.ended()? {
                bail!("{} ended by itself with {status}; its last lines are above", server.name);
            }
        }
        if !ready && servers.iter().all(Server::answers) {
            ready = true;
            announce(servers)?;
        }
        if !ready && start.elapsed() > START {
            bail!("edge and sandbox do not answer after {} s", START.as_secs());
        }
        if let Some(status) = building.as_mut().map(Group::ended).transpose()?.flatten() {
            building = None;
            say(if status.success() { "built" } else { "the build failed; edge and sandbox go on as they were" });
        }
        if building.is_none() && looked.elapsed() > LOOK {
            looked = Instant::now();
            // Not before two looks see the same: an editor or git may be in the middle of its work.
            let now = sources::sum();
            if now != built && now == seen {
                say("a source file changed");
                built = now;
                building = Some(build()?);
            }
            seen = now;
        }
        thread::sleep(TICK);
    }
    Ok(())
}

/// Says where everything is. The first line is for programs, and never changes its form.
fn announce([edge, sandbox]: &[Server; 2]) -> Result<()> {
    let (edge, sandbox) = (edge.url(), sandbox.url());
    let mut out = io::stdout().lock();
    write!(
        out,
        "ready edge={edge} sandbox={sandbox}

  compose form   {edge}/
  edge           {edge}/v1        key dev, secret dev
  sandbox        {sandbox}/v1        key sandbox, secret sandbox

  cargo xtask sample 25000 | curl -i -u dev:dev -H 'content-type: application/json' --data-binary @- {edge}/v1/Messages

Ctrl-C stops both.
"
    )?;
    out.flush()?;
    Ok(())
}
