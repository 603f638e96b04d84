//! The names of a template's variables, each once, known by number.

use super::program::Id;

/// Names in the order in which they first stood in the template.
#[derive(Debug, Default)]
pub(super) struct Names {
    names: Vec<Box<str>>,
    /// Their numbers in the order of the alphabet.
    sorted: Vec<Id>,
}

impl Names {
    /// The number of a name, which is kept.
    pub(super) fn intern(&mut self, name: &str) -> Id {
        match self.search(name) {
            Ok(id) => id,
            Err(place) => {
                let id = self.names.len() as Id;
                self.names.push(name.into());
                self.sorted.insert(place, id);
                id
            }
        }
    }

    /// The number of a name, if it stands in the template.
    pub(super) fn find(&self, name: &str) -> Option<Id> {
        self.search(name).ok()
    }

    /// The name of that number.
    pub(super) fn get(&self, id: Id) -> &str {
        self.names.get(id as usize).map_or("", |name| name)
    }

    /// All of them.
    pub(super) fn all(&self) -> &[Box<str>] {
        &self.names
    }

    fn search(&self, name: &str) -> Result<Id, usize> {
        let place = self.sorted.binary_search_by(|&id| self.get(id).cmp(name))?;
        Ok(self.sorted.get(place).copied().unwrap_or_default())
    }
}
