//! Words without their endings, so that `живу` and `живе`, `moved` and `moving`, `Hund` and `Hunde` are found as one.
//! Light on purpose: a stem need not be a word, only the same for the forms of one word nearly always.

use std::sync::LazyLock;

use super::language::Language;

/// Endings of Ukrainian and Russian nouns, adjectives and verbs, longest first.
static CYRILLIC: LazyLock<Vec<&str>> = LazyLock::new(|| CYRILLIC_ENDINGS.split(' ').collect());
const CYRILLIC_ENDINGS: &str = "ювали ували ювати увати овать ювала увала имося юють ують ював ував ього ьому ають яють іють \
    ится ете єте ите ишь ешь ємо емо имо аем яем ает яет еет ают яют еют ати яти іти ити ать ять \
    еть ить ала яла іла ила ела али яли іли или ели ють уть ому ого ова ими іми ыми ями ами ові еві \
    єві юю ює ує ую аю яю ею ає яє іє лю ой ый ий ій ая яя ое ее ые ие ої ей єю ою їв ів ов ев ах \
    ях ам ям ом ем єм им ым ім их ых іх ав яв ив ал ял ил ет ит ут ют ат ят еш єш иш їш ть ти а я о \
    е є и і ї у ю ы э й ь";
/// Without `n` and `s`: too many words end so in their plainest form (`Sohn`, `Haus`).
const GERMAN: &[&str] =
    &["eten", "ete", "ern", "ten", "tet", "est", "en", "er", "em", "es", "st", "te", "et", "e"];

/// The form in which words are compared: lower case, no apostrophe inside Cyrillic words, one spelling of apostrophes.
pub(super) fn bare(word: &str) -> String {
    let cyrillic = word.chars().any(|letter| ('а'..='ґ').contains(&letter) || ('А'..='Я').contains(&letter));
    word.chars()
        .flat_map(char::to_lowercase)
        .filter_map(|letter| match letter {
            '\'' | '’' | 'ʼ' | '`' => (!cyrillic).then_some('\''),
            'ё' => Some('е'),
            letter => Some(letter),
        })
        .collect()
}

/// The stem of a word that [`bare`] made.
pub(super) fn stem(word: &str, language: Language) -> String {
    if word.starts_with(|letter: char| letter.is_ascii_digit()) {
        return word.to_owned();
    }
    match language {
        Language::English => english(word),
        Language::Ukrainian | Language::Russian => cyrillic(word),
        Language::German => german(word),
    }
}

/// Whether two stems may be forms of one word: one continues the other by a letter or two.
pub(super) fn alike(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    long.strip_prefix(short).is_some_and(|rest| {
        rest.is_empty() || (rest.chars().nth(2).is_none() && short.chars().nth(3).is_some())
    })
}

fn english(word: &str) -> String {
    let base = word.strip_suffix("'s").unwrap_or(word);
    let long = |letters: usize| base.chars().count() > letters;
    let mut stem = if let Some(start) =
        base.strip_suffix("ies").or(base.strip_suffix("ied")).filter(|_| long(4))
    {
        format!("{start}y")
    } else if let Some(start) = base.strip_suffix("ing").filter(|_| long(5)) {
        undoubled(start)
    } else if let Some(start) = base.strip_suffix("ed").filter(|_| long(4)) {
        undoubled(start)
    } else if let Some(start) = base.strip_suffix("es").filter(|start| start.ends_with(['x', 'h', 's', 'z']))
    {
        start.to_owned()
    } else if let Some(start) =
        base.strip_suffix('s').filter(|start| long(3) && !start.ends_with(['s', 'u', 'i']))
    {
        start.to_owned()
    } else {
        base.to_owned()
    };
    if stem.ends_with('e') && stem.len() > 3 {
        stem.pop();
    }
    if stem.ends_with('y') && stem.len() > 2 {
        stem.pop();
        stem.push('i');
    }
    stem
}

/// `planned` has one n in `plan`; `falling` keeps both, as `fall` does.
fn undoubled(start: &str) -> String {
    let mut letters = start.chars().rev();
    match (letters.next(), letters.next()) {
        (Some(last), Some(before)) if last == before && !"lszaeiou".contains(last) => {
            start[..start.len() - last.len_utf8()].to_owned()
        }
        _ => start.to_owned(),
    }
}

fn german(word: &str) -> String {
    let plain: String = word
        .chars()
        .map(|letter| match letter {
            'ä' => 'a',
            'ö' => 'o',
            'ü' => 'u',
            letter => letter,
        })
        .collect();
    let plain = plain.replace('ß', "ss");
    let mut stem = shortened(&plain, GERMAN, 3);
    // The t of `wohnt`, not of `Arbeit`.
    if let Some(start) = stem.strip_suffix('t').filter(|start| start.chars().count() > 2)
        && start.ends_with(|letter: char| letter.is_alphabetic() && !"aeiouc".contains(letter))
    {
        stem = start;
    }
    let participle = plain.ends_with('t') || plain.ends_with("en");
    stem.strip_prefix("ge").filter(|rest| participle && rest.chars().count() > 3).unwrap_or(stem).to_owned()
}

fn cyrillic(word: &str) -> String {
    let active =
        word.strip_suffix("ся").or(word.strip_suffix("сь")).filter(|start| start.chars().count() > 3);
    // доньці is a form of донька.
    let dative =
        word.strip_suffix("ці").filter(|start| start.chars().count() > 3).map(|start| format!("{start}к"));
    let stem = dative.as_deref().unwrap_or_else(|| shortened(active.unwrap_or(word), &CYRILLIC, 3));
    // і, о and е change places within one word: Львів, Львова; Київ, Києва; двір, двору.
    stem.chars()
        .enumerate()
        .map(|(at, letter)| match letter {
            'і' | 'е' | 'є' | 'ї' if at > 0 => 'о',
            'ы' => 'и',
            'ґ' => 'г',
            letter => letter,
        })
        .collect()
}

/// The word without the first of the endings that leaves at least `least` letters.
fn shortened<'a>(word: &'a str, endings: &[&str], least: usize) -> &'a str {
    endings
        .iter()
        .find_map(|ending| {
            let start = word.strip_suffix(ending)?;
            start.chars().nth(least - 1).map(|_| start)
        })
        .unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_one_word_share_a_stem() {
        let families: [(Language, &[&str]); 13] = [
            (Language::English, &["live", "lives", "lived", "living"]),
            (Language::English, &["plan", "planned", "planning", "plans"]),
            (Language::English, &["study", "studies", "studied", "studying"]),
            (Language::English, &["box", "boxes"]),
            (Language::Ukrainian, &["живу", "живе", "живемо"]),
            (Language::Ukrainian, &["працюю", "працює", "працював", "працювати", "працюють"]),
            (Language::Ukrainian, &["Львів", "Львова", "Львові"]),
            (Language::Ukrainian, &["робота", "роботу", "роботою", "роботі"]),
            (Language::Russian, &["работаю", "работает", "работал", "работать"]),
            (Language::Russian, &["машина", "машины", "машину", "машиной"]),
            (Language::German, &["wohne", "wohnt", "wohnen", "gewohnt"]),
            (Language::German, &["Hund", "Hunde", "Hunden"]),
            (Language::German, &["Sohn", "Söhne", "Söhnen"]),
        ];
        for (language, words) in families {
            let stems: Vec<_> = words.iter().map(|word| stem(&bare(word), language)).collect();
            assert!(stems.iter().all(|one| *one == stems[0]), "{words:?}: {stems:?}");
        }
    }

    #[test]
    fn short_and_odd_words_stay_whole() {
        for word in ["", "a", "я", "s", "bus", "glass", "42", "10:30", "💙"] {
            assert_eq!(stem(word, Language::English), word, "{word}");
        }
        assert_eq!(stem("кіт", Language::Ukrainian), "кот");
    }
}
