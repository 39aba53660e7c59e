//! Places of a worker that accounts hold while they wait for a model: how many one may have, and how many all together.
//!
//! Nobody waits for one here: who gets none puts the job off, so that nothing is held meanwhile.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::ids::AccountId;

/// So many places, and how many of them one account may have.
pub struct Places {
    all: usize,
    each: usize,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    all: usize,
    by: HashMap<AccountId, usize>,
}

/// A place. Free again when it is dropped.
pub struct Place {
    places: Arc<Places>,
    account: AccountId,
}

impl Places {
    /// At least one, and at least one for each.
    #[must_use]
    pub fn new(all: usize, each: usize) -> Arc<Self> {
        Arc::new(Self { all: all.max(1), each: each.max(1), taken: Mutex::default() })
    }

    /// A place for the account, where there is one. The last one is for accounts that have none yet.
    #[must_use]
    pub fn take(self: &Arc<Self>, account: AccountId) -> Option<Place> {
        let mut taken = self.taken();
        let mine = taken.by.get(&account).copied().unwrap_or(0);
        let free = self.all - taken.all;
        if free == 0 || mine >= self.each || (mine > 0 && free == 1) {
            return None;
        }
        taken.all += 1;
        taken.by.insert(account, mine + 1);
        Some(Place { places: Arc::clone(self), account })
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        taken.all -= 1;
        match taken.by.get_mut(&self.account) {
            Some(mine) if *mine > 1 => *mine -= 1,
            _ => {
                taken.by.remove(&self.account);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_has_its_part_and_all_together_have_theirs() {
        let places = Places::new(4, 2);
        let held: Vec<Place> = [1, 1, 2].into_iter().filter_map(|n| places.take(AccountId(n))).collect();
        assert_eq!(held.len(), 3);
        assert!(places.take(AccountId(1)).is_none(), "it has its two");
        assert!(places.take(AccountId(2)).is_none(), "the last one is for who has none");
        let last = places.take(AccountId(3));
        assert!(last.is_some() && places.take(AccountId(4)).is_none());
        drop(held);
        assert!(places.take(AccountId(2)).is_some() && places.taken().by.len() == 1);
    }

    #[test]
    fn one_place_is_anybodys_and_one_at_a_time() {
        let places = Places::new(0, 0);
        let held = places.take(AccountId(1));
        assert!(held.is_some() && places.take(AccountId(2)).is_none());
        drop(held);
        assert!(places.take(AccountId(2)).is_some());
    }
}
