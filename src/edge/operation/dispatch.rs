//! Dispatch: feeds the ledger, and carries out what it says.

use std::rc::Rc;

use serde_json::json;
use worker::{Error, Result, console_log};

use super::{Operation, at};
use crate::clock;
use crate::cutting::{Cut, Cutting};
use crate::hash::sha256;
use crate::ledger::{Effect, Event};
use crate::settings::Settings;
use crate::upstream;

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
                let seen = upstream::look(&*self.settings()?, &operation).await;
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

    fn settings(&self) -> Result<Rc<Settings>> {
        Settings::read(&self.env).map_err(|wrong| Error::RustError(wrong.join(" ")))
    }
}
