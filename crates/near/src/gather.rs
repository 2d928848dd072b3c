//! A gathering of texts that may be near one another: each is compared with those before it, in bounded memory.

use crate::compare::{Measure, Nearness};
use crate::template::Template;

/// What comes out of a gathering, whose members are told by a `T`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Found<T> {
    /// Two members are near.
    Near {
        /// The earlier one.
        first: T,
        /// The later one.
        second: T,
        /// How near.
        nearness: Nearness,
        /// They fill in one form letter, and are near in what they fill in as well.
        same_facts: bool,
    },
    /// The member fills in a form letter that many others fill in too: it is near another of them only if their facts are near.
    FillsIn(T),
}

/// Texts that came together, of which a part is held.
pub struct Gathering<T> {
    measure: Measure,
    held: Vec<Member<T>>,
    /// Shingles of all that are held.
    weight: usize,
    /// Of the first members no pair is told before all of them are there, since a form letter is known by many.
    is_settled: bool,
    forms: Vec<Template>,
}

struct Member<T> {
    tag: T,
    set: Vec<u64>,
    /// Whether an earlier one is near: then it can be spared if there is no room.
    is_near: bool,
    /// The form letter that it fills in.
    form: Option<usize>,
}

/// So many members are held at most,
const MOST_HELD: usize = 256;

/// with so many shingles in all, unless one alone has more.
const MOST_WEIGHT: usize = 2 << 20;

/// So many of a gathering are looked at for a form letter.
const SAMPLE: usize = 64;

/// A member is told to be near so many others at most.
const MOST_NEAR: usize = 16;

impl<T: Copy> Gathering<T> {
    /// A gathering of nobody yet. With `templates`, form letters with other facts are told apart.
    #[must_use]
    pub fn new(measure: Measure, templates: bool) -> Self {
        Self { measure, held: Vec::new(), weight: 0, is_settled: !templates, forms: Vec::new() }
    }

    /// Another member comes, with its set of shingles.
    pub fn add(&mut self, tag: T, set: Vec<u64>, found: &mut dyn FnMut(Found<T>)) {
        let mut member = Member { tag, set, is_near: false, form: None };
        if self.is_settled {
            self.meet(&mut member, self.held.len(), found);
            self.hold(member);
            return;
        }
        self.weight += member.set.len();
        self.held.push(member);
        if self.held.len() == SAMPLE || self.weight > MOST_WEIGHT {
            self.settle(found);
        }
    }

    /// Nobody else comes.
    pub fn finish(&mut self, found: &mut dyn FnMut(Found<T>)) {
        if !self.is_settled {
            self.settle(found);
        }
    }

    /// Looks for form letters among the first members and compares them.
    fn settle(&mut self, found: &mut dyn FnMut(Found<T>)) {
        self.is_settled = true;
        for (form, members) in Template::find(&self.sets(), |a, b| self.compare(a, b).is_some()) {
            for at in members {
                self.held[at].form = Some(self.forms.len());
                found(Found::FillsIn(self.held[at].tag));
            }
            self.forms.push(form);
        }
        for at in 1..self.held.len() {
            let nobody = Member { tag: self.held[at].tag, set: Vec::new(), is_near: false, form: None };
            let mut member = std::mem::replace(&mut self.held[at], nobody);
            self.meet(&mut member, at, found);
            self.held[at] = member;
        }
    }

    fn sets(&self) -> Vec<&[u64]> {
        self.held.iter().map(|member| member.set.as_slice()).collect()
    }

    /// Compares a member with the first `before` of those that are held.
    fn meet(&mut self, member: &mut Member<T>, before: usize, found: &mut dyn FnMut(Found<T>)) {
        let mut near = 0;
        for other in self.held.iter().take(before) {
            let Some(nearness) = self.compare(&other.set, &member.set) else { continue };
            // Whoever is near one that fills in a form letter fills it in too.
            if member.form.is_none()
                && let Some(form) = other.form
            {
                member.form = Some(form);
                found(Found::FillsIn(member.tag));
            }
            let form = member.form.filter(|form| other.form == Some(*form)).and_then(|form| self.forms.get(form));
            if form.is_some_and(|form| !form.are_near(&other.set, &member.set, self.measure.jaccard)) {
                continue;
            }
            member.is_near = true;
            near += 1;
            found(Found::Near { first: other.tag, second: member.tag, nearness, same_facts: form.is_some() });
            if near == MOST_NEAR {
                break;
            }
        }
    }

    /// How near two sets are, if they are near.
    fn compare(&self, first: &[u64], second: &[u64]) -> Option<Nearness> {
        self.measure.compare(first, second).filter(|nearness| self.measure.is_near(*nearness))
    }

    /// Holds a member for those to come, unless there is no room.
    fn hold(&mut self, member: Member<T>) {
        let has_room = |held: &[Member<T>], weight: usize| {
            held.is_empty() || held.len() < MOST_HELD && weight + member.set.len() <= MOST_WEIGHT
        };
        while !has_room(&self.held, self.weight) {
            let spared = self.held.iter().rposition(|held| held.is_near).filter(|_| !member.is_near);
            let Some(spared) = spared else { return };
            self.weight -= self.held.remove(spared).set.len();
        }
        self.weight += member.set.len();
        self.held.push(member);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mix::mix;

    const MEASURE: Measure = Measure { jaccard: 0.8, containment: None };

    fn set(shingles: impl IntoIterator<Item = u64>) -> Vec<u64> {
        let mut set: Vec<u64> = shingles.into_iter().map(mix).collect();
        set.sort_unstable();
        set
    }

    /// The near pairs of `sets`, and the members that fill in a form letter.
    fn found(templates: bool, sets: impl IntoIterator<Item = Vec<u64>>) -> (Vec<(u64, u64)>, Vec<u64>) {
        let (mut pairs, mut filled) = (Vec::new(), Vec::new());
        let mut each = |found: Found<u64>| match found {
            Found::Near { first, second, .. } => pairs.push((first, second)),
            Found::FillsIn(member) => filled.push(member),
        };
        let mut gathering = Gathering::new(MEASURE, templates);
        (0..).zip(sets).for_each(|(number, set)| gathering.add(number, set, &mut each));
        gathering.finish(&mut each);
        (pairs, filled)
    }

    #[test]
    fn two_that_are_near_meet_though_the_first_of_all_is_near_neither() {
        let sets = [set(0..100), set(40..140), set(45..145), set(0..100)];
        assert_eq!(found(false, sets).0, [(1, 2), (0, 3)]);
    }

    #[test]
    fn of_very_many_copies_each_is_told_of_a_few_others_and_what_is_no_copy_has_room() {
        let copies = std::iter::repeat_n(set(0..20), 5000);
        let others = (1..200u64).map(|number| set(number * 1000..number * 1000 + 20));
        let last = [set(199_000..199_020)];
        let (pairs, _) = found(false, copies.chain(others).chain(last));
        assert!(pairs.len() <= 16 * 5000, "{}", pairs.len());
        assert_eq!(pairs.iter().filter(|(_, second)| *second < 5000).map(|(_, second)| second).max(), Some(&4999));
        assert_eq!(pairs.last(), Some(&(5198, 5199)));
    }

    /// A form letter of 100 shingles, filled in with five of a letter's own.
    fn filled_in(number: u64) -> Vec<u64> {
        set((0..100).chain(number * 1000..number * 1000 + 5))
    }

    #[test]
    fn form_letters_with_other_facts_are_no_copies_and_with_the_same_they_are() {
        let letters = (1..=12).chain([3]).map(filled_in);
        let (pairs, filled) = found(true, letters.clone());
        assert_eq!((pairs, filled.len()), (vec![(2, 12)], 13));
        assert_eq!(found(false, letters).0.len(), 12 * 13 / 2);
        let many = (1..=300).chain([3, 300]).map(filled_in);
        assert_eq!(found(true, many).0, [(2, 300)], "of what is not held nothing is told");
    }

    #[test]
    fn copies_that_were_each_changed_somewhere_are_no_form_letter() {
        let copies = (1..=12u64).map(|number| {
            let changed = number * 8..number * 8 + 5;
            set((0..100).filter(|shingle| !changed.contains(shingle)).chain(number * 1000..number * 1000 + 5))
        });
        let (pairs, filled) = found(true, copies);
        assert_eq!((pairs.len(), filled.len()), (12 * 11 / 2, 0));
    }
}
