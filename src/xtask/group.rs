//! A program in a process group of its own, so that it can be ended together with all that it started.

use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::process::shown;

/// How long the processes have to end by themselves.
const PATIENCE: Duration = Duration::from_secs(5);

/// The processes of one group. They are ended when it is dropped.
pub struct Group {
    child: Child,
    id: Pid,
}

impl Group {
    /// Starts a program as the first of a new group. A terminal's Ctrl-C does not reach it.
    pub fn start(command: &mut Command) -> Result<Group> {
        command.stdin(Stdio::null()).process_group(0);
        let child = command.spawn().with_context(|| format!("starting {}", shown(command)))?;
        let id = Pid::from_raw(i32::try_from(child.id())?);
        Ok(Group { child, id })
    }

    /// What the program prints, where that was piped.
    pub fn streams(&mut self) -> (Option<ChildStdout>, Option<ChildStderr>) {
        (self.child.stdout.take(), self.child.stderr.take())
    }

    /// How the first program ended, if it did.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Asks all to end.
    pub fn ask_to_stop(&self) {
        let _ = killpg(self.id, Signal::SIGTERM);
    }

    /// Waits until none is left, and makes an end of those that will not.
    pub fn wait(&mut self) {
        let start = Instant::now();
        loop {
            // Or the first program would stay in the group as a zombie.
            let _ = self.child.try_wait();
            if killpg(self.id, None).is_err() {
                return;
            }
            if start.elapsed() > PATIENCE {
                let _ = killpg(self.id, Signal::SIGKILL);
                let _ = self.child.wait();
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.ask_to_stop();
        self.wait();
    }
}
