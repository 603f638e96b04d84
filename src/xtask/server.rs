//! A Worker that runs on this machine: one `wrangler dev`.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::group::Group;
use crate::{dev, node};

/// A running Worker.
pub struct Server {
    /// What its lines begin with.
    pub name: &'static str,
    port: u16,
    group: Group,
}

impl Server {
    /// Starts wrangler for a configuration file, with the Worker's state in `state`.
    pub fn start(name: &'static str, config: &Path, port: u16, state: &Path, vars: &[String]) -> Result<Server> {
        let mut wrangler = node::program("wrangler");
        wrangler
            .args(["dev", "--ip", "127.0.0.1", "--show-interactive-dev-session=false"])
            .args(["--port", &port.to_string()])
            // One that the system gives: to look for one is to lose it to whoever connects meanwhile.
            .args(["--inspector-port", "0"])
            .arg("--config")
            .arg(config)
            .arg("--persist-to")
            .arg(state)
            .env(dev::BUILDS, "1")
            .env("CI", "1")
            .env("NO_COLOR", "1")
            .env("WRANGLER_SEND_METRICS", "false")
            // Without a banner there is no question to the registry whether a newer wrangler is out.
            .env("WRANGLER_HIDE_BANNER", "true")
            // Otherwise Workers of other checkouts on this machine would be seen.
            .env("WRANGLER_REGISTRY_PATH", state.join("registry"))
            .env("WRANGLER_LOG_PATH", state.join("logs"))
            // A sample of request.cf, which no Worker of ours reads, is fetched otherwise.
            .env("CLOUDFLARE_CF_FETCH_ENABLED", "false")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        for var in vars {
            wrangler.args(["--var", var]);
        }
        let mut group = Group::start(&mut wrangler)?;
        let (out, err) = group.streams();
        relay(name, out);
        relay(name, err);
        Ok(Server { name, port, group })
    }

    /// Where it is reached.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// How wrangler ended, if it did.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        self.group.ended()
    }

    /// Whether the Worker itself answers; with a 503 it says that its settings keep it from serving.
    pub fn answers(&self) -> bool {
        self.status().is_some_and(|status| status < 500 || status == 503)
    }

    fn status(&self) -> Option<u16> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1)).ok()?;
        // wrangler holds a request back while it builds; asking anew is as good as waiting on.
        stream.set_read_timeout(Some(Duration::from_secs(2))).ok()?;
        stream.write_all(b"GET /health HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n").ok()?;
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).ok()?;
        line.split(' ').nth(1)?.parse().ok()
    }

    /// Asks wrangler and workerd to end.
    pub fn ask_to_stop(&self) {
        self.group.ask_to_stop();
    }

    /// Waits until they have.
    pub fn wait(&mut self) {
        self.group.wait();
    }
}

/// Refuses a port that somebody listens on.
pub fn must_be_free(option: &str, port: u16) -> Result<()> {
    // Not by binding it: a port that was given up just now cannot be bound for a minute, but wrangler can take it.
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    if TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok() {
        bail!("port {port} is in use: end the program that listens there, or choose another with {option}");
    }
    Ok(())
}

/// Prints each line with the Worker's name before it.
fn relay(name: &'static str, stream: Option<impl Read + Send + 'static>) {
    let Some(stream) = stream else { return };
    thread::spawn(move || {
        let mut stream = BufReader::new(stream);
        let mut line = Vec::new();
        while stream.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            let text = String::from_utf8_lossy(&line);
            let text = text.trim_end();
            if !text.is_empty() {
                // In one piece: what others print at the same time stays a line of its own.
                let _ = io::stderr().write_all(format!("{name:7} | {text}\n").as_bytes());
            }
            line.clear();
        }
    });
}
