//! Ending an object whose code waits for what will never come.
//!
//! After a panic a fresh instance of the module takes over, and the object's Rust half is made again inside the same
//! Durable Object. A call of the old half that was waiting, an alarm above all, then waits for ever, and no second alarm
//! rings beside it. So the object is ended as a whole: the platform makes another one, from storage, and rings again.
//! The new half does so when it is called; a timer does it if nobody calls.

use wasm_bindgen::prelude::*;
use worker::js_sys::{Function, Reflect};
use worker::{Delay, Error, Result, State};

use crate::clock::{Millis, SECOND, lasting};

/// Left on the object's JavaScript state, which outlives an instance of the module.
const MARK: &str = "postgateHasBegun";

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &JsValue, milliseconds: f64) -> JsValue;
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue);
}

/// Marks a state; whether it was marked before, by a half that is gone.
pub fn is_renewed(state: &State) -> bool {
    let (state, mark) = (state.as_raw(), JsValue::from(MARK));
    let before = Reflect::has(state, &mark).unwrap_or(false);
    // Where it cannot be set, nothing is ever taken for renewed.
    let _ = Reflect::set(state, &mark, &JsValue::TRUE);
    before
}

/// Ends the object with all that it was doing, this call too; what called it may call again.
pub async fn end(state: &State) -> Result<()> {
    let _timer = Timer::set(state, 0)?;
    Delay::from(std::time::Duration::from_secs(10)).await;
    Err(Error::RustError("the object did not end".to_owned()))
}

/// Ends the object at its time, unless dropped before.
///
/// The platform stops whatever code asks for the end, in the middle of it. That must not be the module, which other
/// requests use and which may be gone by then: so it is the platform's own function that the timer calls.
pub struct Timer(JsValue);

impl Timer {
    /// Sets the timer.
    pub fn set(state: &State, after: Millis) -> Result<Self> {
        let abort: Function = Reflect::get(state.as_raw(), &"abort".into())?.unchecked_into();
        let reason = format!("not done after {} s, or the module began anew", after / SECOND);
        Ok(Self(set_timeout(&abort.bind1(state.as_raw(), &reason.into()), lasting(after) as f64)))
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        clear_timeout(&self.0);
    }
}
