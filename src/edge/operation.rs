//! The operation's object: stages what intake brings, seals it, and carries out what its ledger says.
//!
//! All that matters is in storage; what is in memory is a copy that is thrown away whenever something fails. There is
//! one alarm. It rings for one bounded step, which first sets it ahead again: whatever becomes of the step, it rings.

use std::cell::RefCell;
use std::time::Duration;

use serde_json::json;
use worker::js_sys::{Date, Uint8Array};
use worker::wasm_bindgen_futures::JsFuture;
use worker::{
    DurableObject, Env, Error, Method, Request, Response, Result, ScheduledTime, State, console_error, console_log,
    durable_object,
};

use crate::clock::{self, MINUTE, Millis};
use crate::cutting::{Cut, Cutting};
use crate::hash::sha256;
use crate::ledger::{Effect, Event, Ledger, WATCHDOG};
use crate::piece::Entry;
use crate::record::Sealed;
use crate::renewal::{self, Timer};
use crate::resource::Resource;
use crate::settings::Settings;
use crate::store::Store;
use crate::upstream;

/// How long what was staged waits for its seal.
const INTAKE: Millis = 15 * MINUTE;
/// When to try again after a step failed.
const AFTER_FAILURE: Duration = Duration::from_secs(60);

/// One send.
#[durable_object(alarm)]
pub struct Operation {
    state: State,
    env: Env,
    /// See [`renewal`].
    renewed: bool,
    ledger: RefCell<Option<Ledger>>,
    /// The batch that was cut last, until it is posted.
    cut: RefCell<Option<Cut>>,
}

impl DurableObject for Operation {
    fn new(state: State, env: Env) -> Self {
        let renewed = renewal::is_renewed(&state);
        Self { state, env, renewed, ledger: RefCell::default(), cut: RefCell::default() }
    }

    /// Calls of the Worker, see [`crate::stage`]: only a binding leads here.
    async fn fetch(&self, request: Request) -> Result<Response> {
        if self.renewed {
            renewal::end(&self.state).await?;
        }
        let path = request.path();
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        match (request.method(), segments.as_slice()) {
            (Method::Get, [id]) => self.show(id).await,
            (Method::Put, ["pieces", n, entries]) => self.stage(&request, Some(number(n)?), number(entries)?).await,
            (Method::Put, ["head", before]) => self.stage(&request, None, number(before)?).await,
            (Method::Post, ["seal"]) => self.seal(request).await,
            (Method::Delete, _) => self.wipe().await,
            _ => Err(Error::RustError("no such call".to_owned())),
        }
    }

    async fn alarm(&self) -> Result<Response> {
        if self.renewed {
            renewal::end(&self.state).await?;
        }
        let _timer = Timer::set(&self.state, WATCHDOG)?;
        if let Err(error) = self.ring().await {
            console_error!("{}", json!({ "event": "step failed", "operation": self.id(), "error": error.to_string() }));
            self.ledger.take();
            self.state.storage().set_alarm(AFTER_FAILURE).await?;
        }
        Response::empty()
    }
}

impl Operation {
    async fn show(&self, id: &str) -> Result<Response> {
        self.load().await?;
        match self.ledger.borrow().as_ref() {
            Some(ledger) if ledger.sealed.id == id => Response::from_json(&Resource::of(ledger, clock::now())),
            _ => Ok(Response::empty()?.with_status(404)),
        }
    }

    /// Stages a piece, or the head: two byte strings in one body, the first of which has `first` bytes.
    async fn stage(&self, request: &Request, piece: Option<u32>, first: u32) -> Result<Response> {
        let body = JsFuture::from(request.inner().array_buffer()?).await?;
        let body = Uint8Array::new(&body);
        let (first, rest) = (body.subarray(0, first), body.subarray(first, body.length()));
        let store = self.store();
        let begun = store.is_begun()?;
        if begun && store.load()?.is_some() {
            return Err(Error::RustError("the operation is sealed".to_owned()));
        }
        store.begin()?;
        match piece {
            Some(n) => store.stage_piece(n, first.length() / Entry::BYTES as u32, &first, &rest)?,
            None => store.stage_head(&first, &rest)?,
        }
        if !begun {
            self.state.storage().set_alarm(Duration::from_millis(INTAKE)).await?;
        }
        Ok(Response::empty()?.with_status(204))
    }

    /// Makes the operation exist: one transaction, durable before this returns. Asked twice, it answers the same.
    async fn seal(&self, mut request: Request) -> Result<Response> {
        let sealed: Sealed = serde_json::from_slice(&request.bytes().await?)?;
        let store = self.store();
        let done = Response::empty()?.with_status(204);
        if let Some(ledger) = store.load()? {
            return if ledger.sealed == sealed { Ok(done) } else { Err("the operation is sealed".into()) };
        }
        if !store.is_begun()? || !store.is_complete(&sealed)? {
            return Err("what was staged is not what is to be sealed".into());
        }
        let ledger = Ledger::new(sealed);
        store.seal(&ledger)?;
        self.ledger.replace(Some(ledger));
        // No await in between: the seal and its alarm are one transaction.
        self.state.storage().set_alarm(at(clock::now())).await?;
        self.state.storage().sync().await?;
        Ok(done)
    }

    async fn wipe(&self) -> Result<Response> {
        if self.store().load()?.is_none() {
            self.state.storage().delete_alarm().await?;
            self.state.storage().delete_all().await?;
        }
        Ok(Response::empty()?.with_status(204))
    }

    async fn ring(&self) -> Result<()> {
        self.load().await?;
        if self.ledger.borrow().is_none() {
            return self.wipe().await.map(drop);
        }
        self.run(Event::Rang).await
    }

    /// Reads the ledger into memory. That it is not there means that the object, or its module, began anew.
    async fn load(&self) -> Result<()> {
        if self.ledger.borrow().is_some() {
            return Ok(());
        }
        let Some(ledger) = self.store().load()? else { return Ok(()) };
        self.ledger.replace(Some(ledger));
        self.run(Event::Loaded).await
    }

    /// Feeds an event to the ledger, and what its effects bring back, until nothing does.
    async fn run(&self, event: Event) -> Result<()> {
        let mut next = Some(event);
        let mut events = Vec::new();
        while let Some(event) = next.take().or_else(|| events.pop()) {
            let effects = match self.ledger.borrow_mut().as_mut() {
                Some(ledger) => ledger.handle(clock::now(), event),
                None => return Ok(()),
            };
            for effect in effects {
                events.extend(self.carry_out(effect).await?);
            }
        }
        Ok(())
    }

    async fn carry_out(&self, effect: Effect) -> Result<Option<Event>> {
        let storage = self.state.storage();
        match effect {
            Effect::Keep(batch) => {
                if let Some(ledger) = self.ledger.borrow().as_ref() {
                    self.store().keep(ledger, batch)?;
                }
            }
            Effect::Wake(moment) => storage.set_alarm(at(moment)).await?,
            Effect::Rest => storage.delete_alarm().await?,
            Effect::Forget(row) => self.store().forget(row)?,
            Effect::Cut { batch, first } => {
                let cut = self.cut(first)?;
                let (rows, hash) = (cut.rows, sha256(&cut.body));
                self.cut.replace(Some(cut));
                return Ok(Some(Event::Cut { batch, rows, hash }));
            }
            Effect::Post { batch, attempt } => return self.post(batch, attempt).await.map(Some),
            Effect::Look { batch, operation } => {
                let seen = upstream::look(&self.settings()?, &operation).await;
                return Ok(Some(Event::Looked { batch, seen }));
            }
        }
        Ok(None)
    }

    async fn post(&self, batch: u32, attempt: u32) -> Result<Event> {
        let settings = self.settings()?;
        let cut = self.cut.take().ok_or("there is no batch to post")?;
        // What is about to be posted is on disk first.
        self.state.storage().sync().await?;
        let began = clock::now();
        let answer = upstream::post(&settings, &cut.body).await;
        let milliseconds = clock::now().saturating_sub(began);
        console_log!(
            "{}",
            json!({
                "event": "posted", "operation": self.id(), "batch": batch, "attempt": attempt, "rows": cut.rows,
                "bytes": cut.body.len(), "milliseconds": milliseconds, "answer": answer.word(),
            })
        );
        Ok(Event::Answered { batch, attempt, answer })
    }

    /// Puts the batch together that begins at a row.
    fn cut(&self, first: u32) -> Result<Cut> {
        let store = self.store();
        let limits = self.ledger.borrow().as_ref().map(|ledger| ledger.sealed.limits()).ok_or("nothing is sealed")?;
        let mut cutting = Cutting::new(limits, store.envelope()?).ok_or("no memory for a batch")?;
        for (n, first_of_piece) in store.pieces_from(first)? {
            let skip = usize::try_from(i64::from(first) - first_of_piece).unwrap_or(0);
            if cutting.add(&store.piece(n)?, skip)? {
                break;
            }
        }
        cutting.finish().ok_or_else(|| Error::RustError("the rows of a batch are not there".to_owned()))
    }

    fn store(&self) -> Store {
        Store::new(&self.state.storage())
    }

    fn settings(&self) -> Result<Settings> {
        Settings::read(&self.env).map_err(Error::RustError)
    }

    fn id(&self) -> Option<String> {
        self.ledger.borrow().as_ref().map(|ledger| ledger.sealed.id.clone())
    }
}

fn at(moment: Millis) -> ScheduledTime {
    ScheduledTime::new(Date::new(&(moment as f64).into()))
}

fn number(text: &str) -> Result<u32> {
    text.parse().map_err(|_| Error::RustError("not a number".to_owned()))
}
