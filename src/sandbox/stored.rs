//! Profiles and cohorts: stored by the test door, as the hosts where the real ones live are not imitated.

use serde_json::{Value, json};
use worker::Result;

use crate::directory::profile_key;
use crate::problem::{INVALID, Problem, Refusal};
use crate::respond::Failure;
use crate::schema::{self, Shape};
use crate::store::{Kind, Store};

/// `POST /sandbox/profiles`
pub fn profiles(store: &Store, body: &[u8]) -> Result<Value, Failure> {
    let (_, given) = schema::judge(body, Shape::StoreProfiles)?;
    let profiles = given["profiles"].as_array().map_or(&[][..], Vec::as_slice);
    for profile in profiles {
        let text = |name: &str| profile[name].as_str().unwrap_or_default();
        let key = profile_key(text("memoryStoreId"), text("profileId"));
        store.put(Kind::Profile, &key, profile)?;
    }
    Ok(json!({"stored": profiles.len()}))
}

/// `POST /sandbox/cohorts`: kinds of member, and how many members there are.
pub fn cohort(store: &Store, body: &[u8]) -> Result<Value, Failure> {
    let (_, mut cohort) = schema::judge(body, Shape::StoreCohort)?;
    let kinds = cohort["members"].as_array().map_or(0, Vec::len);
    let size = cohort.get("size").cloned().unwrap_or_else(|| json!(kinds));
    if kinds == 0 && size != 0 {
        let message = "A group that has members has kinds of member.";
        return Err(Refusal::invalid(vec![Problem::at("$.members", INVALID, message)]).into());
    }
    cohort["size"] = size.clone();
    store.put(Kind::Cohort, cohort["cohortId"].as_str().unwrap_or_default(), &cohort)?;
    Ok(json!({"cohortId": cohort["cohortId"], "size": size}))
}
