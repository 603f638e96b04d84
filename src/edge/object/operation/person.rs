//! What persons ask of an operation and decide about it, and whether its alarm is still set.

use worker::{Request, Response, Result};

use super::{Operation, number};
use crate::clock;
use crate::json;
use crate::machine::ledger::{Effect, Event, Ledger, Unsettled};
use crate::machine::record::Settlement;
use crate::object;
use crate::object::operation::resource::Resource;
use crate::object::refusals::Refusals;

impl Operation {
    pub(super) async fn show(&self, id: &str, tenant: &str) -> Result<Response> {
        if !self.is(id, tenant).await? {
            return missing();
        }
        self.with(|ledger| object::reply(&Resource::of(ledger, clock::now())))
    }

    /// Who was refused, from one on, at most so many.
    pub(super) async fn errors(&self, id: &str, tenant: &str, [first, most]: [&str; 2]) -> Result<Response> {
        if !self.is(id, tenant).await? {
            return missing();
        }
        let (first, most) = (number(first)? as usize, number(most)? as usize);
        let found = self.store().refusals(first, most)?;
        self.with(|ledger| object::reply(&Refusals::of(found, ledger, first, most)))
    }

    /// Takes the send back, and answers how it stands.
    pub(super) async fn cancel(&self, id: &str, tenant: &str) -> Result<Response> {
        if !self.is(id, tenant).await? {
            return missing();
        }
        let canceled = self.ledger.borrow_mut().as_mut().map(|ledger| ledger.cancel(clock::now()));
        let (canceled, effects) = canceled.ok_or("nothing is sealed")?;
        self.decided(effects).await?;
        object::reply(&canceled)
    }

    /// Takes a person's word for a batch: 404 if there is none, 409 if the word is about another state of it.
    pub(super) async fn settle(&self, id: &str, tenant: &str, mut request: Request) -> Result<Response> {
        if !self.is(id, tenant).await? {
            return missing();
        }
        let word: Settlement = json::read(request.bytes().await?)?;
        let settled = self.ledger.borrow_mut().as_mut().map(|ledger| ledger.settle(clock::now(), word));
        match settled.ok_or("nothing is sealed")? {
            Ok(effects) => self.decided(effects).await?,
            Err(Unsettled::NoBatch) => return missing(),
            Err(Unsettled::Conflict) => return Ok(Response::empty()?.with_status(409)),
        }
        self.show(id, tenant).await
    }

    /// Sets the alarm anew: it was lost, or is later than what is due. Whoever asks is answered when it is set.
    pub(super) async fn poke(&self, id: &str, tenant: &str) -> Result<Response> {
        if !self.is(id, tenant).await? {
            return missing();
        }
        self.run(Event::Poked).await?;
        object::reply(&())
    }

    /// Whether this is that operation of that tenant.
    async fn is(&self, id: &str, tenant: &str) -> Result<bool> {
        self.load().await?;
        let is = |ledger: &Ledger| ledger.sealed.id == id && ledger.sealed.tenant == tenant;
        Ok(self.ledger.borrow().as_ref().is_some_and(is))
    }

    /// Carries out what a decision leads to. It is on disk before anybody hears of it.
    async fn decided(&self, effects: Vec<Effect>) -> Result<()> {
        let done = self.carry_out_all(effects).await;
        if done.is_err() {
            self.forget();
        }
        done?;
        self.state.storage().sync().await
    }
}

fn missing() -> Result<Response> {
    Ok(Response::empty()?.with_status(404))
}
