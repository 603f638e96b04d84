//! Dispatch: feeds the ledger, and carries out what it says.

use std::collections::VecDeque;
use std::rc::Rc;

use serde_json::json;
use worker::{Error, Result, console_error, console_log};

use super::{Operation, at};
use crate::clock;
use crate::hash::sha256;
use crate::head;
use crate::machine::answer::Answer;
use crate::machine::ledger::{Effect, Event, Ledger, tag};
use crate::machine::pacer::{Asking, Joining};
use crate::object::account::Client as Account;
use crate::object::operation::cutting::{Cut, Cutting, Extent};
use crate::object::operation::resource;
use crate::object::piece::Entry;
use crate::object::tenant::Client as Tenant;
use crate::settings::Settings;
use crate::upstream::{self, Sought};

/// How many bytes more a body may get by the number of its attempt.
const ATTEMPTS: u64 = 8;

impl Operation {
    pub(super) async fn ring(&self) -> Result<()> {
        self.load().await?;
        if self.ledger.borrow().is_none() {
            return self.wipe().await.map(drop);
        }
        self.run(Event::Rang).await
    }

    /// Reads the ledger into memory. That it is not there means that the object, or its module, began anew.
    pub(super) async fn load(&self) -> Result<()> {
        if self.ledger.borrow().is_some() {
            return Ok(());
        }
        let Some(ledger) = self.store().load()? else { return Ok(()) };
        self.remember(ledger);
        self.run(Event::Loaded).await
    }

    /// Feeds an event to the ledger, and carries out what that leads to.
    pub(super) async fn run(&self, event: Event) -> Result<()> {
        let effects = self.handle(event);
        self.carry_out_all(effects).await
    }

    fn handle(&self, event: Event) -> Vec<Effect> {
        self.ledger.borrow_mut().as_mut().map(|ledger| ledger.handle(clock::now(), event)).unwrap_or_default()
    }

    /// Carries out effects in their order, then what the ledger says to what they bring back, until nothing does.
    ///
    /// The alarm is set at the first effect that sets it and, if others do, after the last: each is a row, and what
    /// lies between is over before one that is ahead could ring.
    pub(super) async fn carry_out_all(&self, effects: Vec<Effect>) -> Result<()> {
        let (mut effects, mut events) = (effects, VecDeque::new());
        let (mut is_set, mut wake) = (false, None);
        loop {
            for effect in effects {
                match effect {
                    Effect::Wake(moment) if is_set => wake = Some(moment),
                    Effect::Wake(moment) => {
                        self.state.storage().set_alarm(at(moment)).await?;
                        is_set = true;
                    }
                    effect => events.extend(self.carry_out(effect).await?),
                }
            }
            let Some(event) = events.pop_front() else { break };
            effects = self.handle(event);
        }
        match wake {
            Some(moment) => self.state.storage().set_alarm(at(moment)).await,
            None => Ok(()),
        }
    }

    /// Writes what changes beside batches, if it did.
    fn note(&self) -> Result<()> {
        self.with(|ledger| {
            let mut noted = self.noted.borrow_mut();
            if noted.as_ref() != Some(&ledger.progress) {
                self.store().note(ledger)?;
                *noted = Some(ledger.progress.clone());
            }
            Ok(())
        })
    }

    async fn carry_out(&self, effect: Effect) -> Result<Option<Event>> {
        let storage = self.state.storage();
        match effect {
            Effect::Keep(batch) => {
                self.with(|ledger| self.store().keep(ledger, batch))?;
                self.note()?;
            }
            Effect::Note => self.note()?,
            // Carried out by who has all of them.
            Effect::Wake(_) => {}
            Effect::Forget(kept) => self.store().forget(&kept)?,
            Effect::Measure { batch, first } => {
                return Ok(Some(Event::Measured { batch, units: self.measure(batch, first)? }));
            }
            Effect::Probe { turn } => {
                self.calling();
                let answers = upstream::answers(&*self.settings()?).await;
                console_log!("{}", json!({ "event": "probed", "operation": self.id(), "answers": answers }));
                return Ok(Some(Event::Probed { turn, answers }));
            }
            Effect::Cut { batch, first, rows, units, attempt } => {
                let cut = self.cut(batch, first, rows, units, attempt)?;
                let event = Event::Cut { batch, rows: cut.rows, units: cut.units, hash: sha256(&cut.body) };
                self.cut.replace(Some(cut));
                return Ok(Some(event));
            }
            Effect::Post { batch, attempt } => return self.post(batch, attempt).await.map(Some),
            Effect::Look { batch, operation } => {
                self.calling();
                let seen = upstream::look(&*self.settings()?, &operation).await;
                return Ok(Some(Event::Looked { batch, seen }));
            }
            Effect::Search { batch, attempt, posted, rows, tries } => {
                return self.search(batch, attempt, Sought { posted, rows, tries }).await;
            }
            Effect::Join | Effect::Ask { .. } | Effect::Report { .. } | Effect::Leave => {
                return self.pace(effect).await;
            }
            Effect::Tell => return self.tell().await,
            Effect::Vanish => {
                let (tenant, id) = self.with(|ledger| Ok((ledger.sealed.tenant.clone(), ledger.sealed.id.clone())))?;
                self.calling();
                Tenant::new(&self.env, &*self.settings()?, &tenant)?.forget(&id).await?;
                self.forget();
                storage.delete_alarm().await?;
                storage.delete_all().await?;
            }
        }
        Ok(None)
    }

    /// Calls the pacer. One that does not answer is asked again later; what it is told may get lost.
    async fn pace(&self, effect: Effect) -> Result<Option<Event>> {
        let (sealed, remaining) = self.with(|ledger| Ok((ledger.sealed.clone(), ledger.remaining_units())))?;
        let account = Account::new(&self.env, &*self.settings()?)?;
        let operation = sealed.id.clone();
        self.calling();
        let (answer, event) = match effect {
            Effect::Join => {
                let (start, until) = (sealed.start(), Some(sealed.deadline()));
                let joining = Joining { operation, units: remaining, start, until, first: None };
                let answer = account.join(&sealed.sender, joining).await.map(drop);
                let event = answer.is_ok().then_some(Event::Joined);
                (answer, event)
            }
            Effect::Ask { turn, units, whole } => {
                let until = sealed.deadline();
                let asking = Asking { operation, turn, units, whole, remaining, until };
                let answer = account.ask(&sealed.sender, asking).await;
                let appointment = answer.as_ref().ok().copied();
                (answer.map(drop), Some(Event::Appointed { turn, appointment }))
            }
            Effect::Report { turn, outcome, last } => {
                let answer = account.report(&operation, turn, outcome, last).await;
                let event = answer.is_ok().then_some(Event::Reported(turn));
                (answer, event)
            }
            _ => (account.leave(&operation).await, None),
        };
        if let Err(error) = answer {
            self.log("pacer failed", &error);
        }
        Ok(event)
    }

    async fn tell(&self) -> Result<Option<Event>> {
        let (tenant, entry) =
            self.with(|ledger| Ok((ledger.sealed.tenant.clone(), resource::entry(ledger, clock::now()))))?;
        self.calling();
        match Tenant::new(&self.env, &*self.settings()?, &tenant)?.tell(&entry).await {
            Ok(()) => Ok(Some(Event::Told(entry.change))),
            Err(error) => {
                self.log("directory failed", &error);
                Ok(None)
            }
        }
    }

    async fn post(&self, batch: u32, attempt: u32) -> Result<Event> {
        let settings = self.settings()?;
        let cut = self.cut.take().ok_or("there is no batch to post")?;
        // What is about to be posted is on disk first.
        self.state.storage().sync().await?;
        self.calling();
        let began = clock::now();
        let mut answer = upstream::post(&settings, &cut.body).await;
        let milliseconds = clock::now().saturating_sub(began);
        console_log!(
            "{}",
            json!({
                "event": "posted", "operation": self.id(), "batch": batch, "attempt": attempt, "rows": cut.rows,
                "bytes": cut.body.len(), "milliseconds": milliseconds, "answer": answer.word(),
            })
        );
        if let Answer::Refused { errors, .. } = &mut answer {
            let first = self.with(|ledger| Ok(ledger.batches.get(batch as usize).map_or(0, |batch| batch.first)))?;
            for error in errors {
                let Some(row) = error.row.take() else { continue };
                let pointer = error.pointer.take().unwrap_or_default();
                if row >= cut.rows {
                    // About none of these: whatever it is, its place is nobody's.
                    continue;
                }
                // The caller counts its own rows, some of which may have been left out.
                error.row = self.callers_row(first + row)?;
                let field = pointer.splitn(4, '/').nth(3);
                let field = field.map(|field| format!("/{field}")).unwrap_or_default();
                error.pointer = error.row.map(|row| format!("/to/{row}{field}"));
            }
        }
        Ok(Event::Answered { batch, attempt, answer })
    }

    async fn search(&self, batch: u32, attempt: u32, sought: Sought) -> Result<Option<Event>> {
        let known = self.with(|ledger| Ok((ledger.sealed.id.clone(), ledger.operations())))?;
        let tag = tag(&known.0, batch, attempt);
        let found = upstream::search(&*self.settings()?, &tag, &sought, &known.1, || self.calling()).await;
        console_log!(
            "{}",
            json!({
                "event": "searched", "operation": self.id(), "batch": batch, "attempt": attempt,
                "found": found.as_ref().map(Option::is_some),
            })
        );
        Ok(found.map(|found| Event::Searched { batch, attempt, found }))
    }

    /// What the batch that begins at a row takes of the pace, if only the API's limits bound it.
    fn measure(&self, batch: u32, first: u32) -> Result<u64> {
        let envelope = self.head(batch, 1)?;
        let mut extent = self.with(|ledger| Ok(Extent::within(limits(ledger), envelope.len(), u64::MAX)))?;
        self.rows_from(first, |entry| extent.takes(entry))?;
        Ok(extent.units())
    }

    /// Puts a batch together.
    fn cut(&self, batch: u32, first: u32, rows: Option<u32>, units: u64, attempt: u32) -> Result<Cut> {
        let store = self.store();
        let extent = |envelope| match rows {
            Some(rows) => Ok(Extent::again(rows, envelope)),
            None => self.with(|ledger| Ok(Extent::within(limits(ledger), envelope, units))),
        };
        let cut = |envelope: postgate_core::Envelope| {
            let mut cutting = Cutting::new(extent(envelope.len())?, envelope).ok_or("no memory for a batch")?;
            for (n, first_of_piece) in store.pieces_from(first)? {
                let skip = usize::try_from(i64::from(first) - first_of_piece).unwrap_or(0);
                if cutting.add(&store.piece(n)?, skip)? {
                    break;
                }
            }
            cutting.finish().ok_or_else(|| Error::RustError("the rows of a batch are not there".to_owned()))
        };
        let most = self.with(|ledger| Ok(ledger.sealed.batch_bytes))?;
        let body = cut(self.head(batch, attempt)?)?;
        if body.body.len() as u64 > most && body.rows == 1 {
            // One row that fills a request leaves no room for the tag.
            return cut(head::of_batch(&store.envelope()?, None).ok_or("the head is not as it was written")?);
        }
        Ok(body)
    }

    /// The head of a batch, with its tag.
    fn head(&self, batch: u32, attempt: u32) -> Result<postgate_core::Envelope> {
        let tag = self.with(|ledger| {
            let sealed = &ledger.sealed;
            Ok(sealed.tagged.then(|| tag(&sealed.id, batch, attempt)))
        })?;
        let head = head::of_batch(&self.store().envelope()?, tag.as_deref());
        head.ok_or_else(|| Error::RustError("the head is not as it was written".to_owned()))
    }

    /// Goes through the index from a row on, as long as it is wanted.
    fn rows_from(&self, first: u32, mut wanted: impl FnMut(&Entry) -> bool) -> Result<()> {
        let store = self.store();
        for (n, first_of_piece) in store.pieces_from(first)? {
            let skip = usize::try_from(i64::from(first) - first_of_piece).unwrap_or(0);
            if !Entry::read(&store.index(n)?).skip(skip).all(|entry| wanted(&entry)) {
                break;
            }
        }
        Ok(())
    }

    /// Which of the caller's recipients a row is.
    fn callers_row(&self, row: u32) -> Result<Option<u32>> {
        let mut found = None;
        self.rows_from(row, |entry| {
            found = Some(entry.row);
            false
        })?;
        Ok(found)
    }

    /// Counts a call to another object or to the upstream.
    fn calling(&self) {
        self.calls.set(self.calls.get() + 1);
    }

    /// Reads the ledger in memory.
    pub(super) fn with<T>(&self, read: impl FnOnce(&Ledger) -> Result<T>) -> Result<T> {
        read(self.ledger.borrow().as_ref().ok_or("nothing is sealed")?)
    }

    fn settings(&self) -> Result<Rc<Settings>> {
        Settings::read(&self.env).map_err(|wrong| Error::RustError(wrong.join(" ")))
    }

    fn log(&self, event: &str, error: &Error) {
        console_error!("{}", json!({ "event": event, "operation": self.id(), "error": error.to_string() }));
    }
}

/// What a batch may hold, with room for a longer number of its attempt.
fn limits(ledger: &Ledger) -> postgate_core::BatchLimits {
    let limits = ledger.sealed.limits();
    postgate_core::BatchLimits { bytes: limits.bytes.saturating_sub(ATTEMPTS), ..limits }
}
