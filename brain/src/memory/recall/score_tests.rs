use super::*;

fn at(minute: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
}

fn message(id: i64, minute: i64, words: u32) -> Candidate {
    Candidate {
        id: HistoryId(id),
        said_at: at(minute),
        words: WordSet(words),
        length: 10,
        is_named: false,
        is_dated: false,
    }
}

/// The first word is rarer than the second.
fn words() -> Words {
    Words::new([Counted { having: 2.0, of: 1000.0 }, Counted { having: 100.0, of: 1000.0 }], None)
}

fn ids(found: &[HistoryId]) -> Vec<i64> {
    found.iter().map(|id| id.0).collect()
}

/// One window around each message, with what is within reach of it.
fn windows(messages: &[Candidate]) -> Vec<Placed> {
    let placed = |centre: usize, other: usize| Placed {
        centre: messages[centre].id,
        offset: i32::try_from(other).unwrap() - i32::try_from(centre).unwrap(),
        candidate: messages[other],
    };
    (0..messages.len())
        .flat_map(|centre| (0..messages.len()).map(move |other| (centre, other)))
        .filter(|(centre, other)| centre.abs_diff(*other) <= NEIGHBOURS)
        .map(|(centre, other)| placed(centre, other))
        .collect()
}

#[test]
fn a_rare_word_is_worth_more_than_a_frequent_one_and_both_more_than_one() {
    let far_apart = [message(1, 0, 0b10), message(2, 1000, 0b01), message(3, 2000, 0b11)];
    assert_eq!(ids(&rank(&windows(&far_apart), &words(), 9)), [3, 2, 1]);
    assert_eq!(ids(&centres(far_apart.to_vec(), &words(), 9)), [3, 2, 1]);
}

#[test]
fn an_answer_counts_by_the_question_before_it() {
    let talk = [message(1, 0, 0b11), message(2, 1, 0), message(3, 2, 0), message(4, 3, 0)];
    assert_eq!(ids(&rank(&windows(&talk), &words(), 9)), [1, 2, 3]);
}

#[test]
fn messages_of_different_sittings_are_no_neighbours() {
    let talk = [message(1, 0, 0b11), message(2, 181, 0)];
    assert_eq!(ids(&rank(&windows(&talk), &words(), 9)), [1]);
}

#[test]
fn words_said_in_two_messages_in_a_row_count_together() {
    let talk = [message(1, 0, 0b01), message(2, 1, 0b10), message(3, 1000, 0b01)];
    assert_eq!(ids(&centres(talk.to_vec(), &words(), 2)), [1, 2]);
}

#[test]
fn a_word_counts_once_however_many_neighbours_have_it() {
    let talk = [message(1, 0, 0b10), message(2, 1, 0b10), message(3, 2, 0b10), message(4, 1000, 0b01)];
    assert_eq!(ids(&rank(&windows(&talk), &words(), 1)), [4]);
}

#[test]
fn who_is_named_counts_double() {
    let named = Candidate { is_named: true, ..message(1, 0, 0b10) };
    assert_eq!(ids(&rank(&windows(&[named, message(2, 1000, 0b10)]), &words(), 9)), [1, 2]);
}

#[test]
fn a_named_time_finds_messages_without_any_word() {
    let words = Words::new([Counted { having: 2.0, of: 1000.0 }], Some(Counted { having: 20.0, of: 1000.0 }));
    let dated = Candidate { is_dated: true, ..message(1, 0, 0) };
    assert_eq!(ids(&rank(&windows(&[dated, message(2, 1000, 0)]), &words, 9)), [1]);
}

#[test]
fn a_long_message_has_to_share_more() {
    let long = Candidate { length: 200, ..message(1, 0, 0b01) };
    assert_eq!(ids(&rank(&windows(&[long, message(2, 1000, 0b01)]), &words(), 9)), [2, 1]);
}

#[test]
fn a_word_of_every_message_is_worth_next_to_nothing_and_never_less() {
    assert!(rarity(Counted { having: 10.0, of: 10.0 }) > 0.0);
    assert!(rarity(Counted { having: 12.0, of: 10.0 }) > 0.0);
    assert!(rarity(Counted { having: 0.0, of: 0.0 }).is_finite());
}
