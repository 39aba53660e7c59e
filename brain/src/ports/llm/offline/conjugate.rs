//! Verbs from the first person into the third: `I live` into `lives`, `живу` into `живе`. Regular verbs by their
//! endings, the common irregular ones by name; what is not sure to be right gives nothing.

use super::language::Language;

/// The third person singular of a verb that stands with "I"; a form that both share stays. `None`: not known.
pub(super) fn third_person(verb: &str, language: Language) -> Option<String> {
    match language {
        Language::English => Some(english(verb)),
        Language::German => Some(german(verb)),
        Language::Ukrainian => slavic(verb, UKRAINIAN, UKRAINIAN_ENDINGS),
        Language::Russian => slavic(verb, RUSSIAN, RUSSIAN_ENDINGS),
    }
}

/// Whether a word of Ukrainian or Russian is surely a verb of the first person: `живу`, `можу`.
pub(super) fn is_known_first_person(word: &str, language: Language) -> bool {
    let known = match language {
        Language::Ukrainian => UKRAINIAN,
        Language::Russian => RUSSIAN,
        Language::English | Language::German => return false,
    };
    known.iter().any(|(first, _)| *first == word)
}

/// Whether it has the form of one, as `працюю` and, alas, `новую`.
pub(super) fn is_first_person(verb: &str, language: Language) -> bool {
    language.drops_pronouns()
        && verb.ends_with(['у', 'ю', 'ь', 'я'])
        && third_person(verb, language).is_some_and(|third| third != verb)
}

/// Forms that do not change: the past of irregular verbs, and verbs that stand before others.
const ENGLISH_SAME: &str = " was were had did will would can ca wo sha could shall should must may might cannot ate became began \
    beat bit blew bought broke brought built came caught chose dealt drank drew drove fell felt flew forgot found gave got grew had heard held hid hung \
    kept knew laid left lent lost made meant met paid ran rode rang rose said sang sat saw sent shook shot slept sold spent spoke stole stood struck swam taught thought threw tore \
    told took understood went woke won wore wrote ";

fn english(verb: &str) -> String {
    let irregular = match verb {
        "am" => Some("is"),
        "have" => Some("has"),
        "do" => Some("does"),
        _ => None,
    };
    if let Some(form) = irregular {
        return form.to_owned();
    }
    if verb.ends_with("ed") && verb != "need" || ENGLISH_SAME.contains(&format!(" {verb} ")) {
        return verb.to_owned();
    }
    match verb.strip_suffix('y') {
        Some(start) if !start.ends_with(['a', 'e', 'o', 'u']) => format!("{start}ies"),
        _ if verb.ends_with(['s', 'x', 'z', 'o']) || verb.ends_with("ch") || verb.ends_with("sh") => {
            format!("{verb}es")
        }
        _ => format!("{verb}s"),
    }
}

const GERMAN: &[(&str, &str)] = &[
    ("bin", "ist"),
    ("habe", "hat"),
    ("werde", "wird"),
    ("esse", "isst"),
    ("lese", "liest"),
    ("fahre", "fährt"),
    ("schlafe", "schläft"),
    ("sehe", "sieht"),
    ("spreche", "spricht"),
    ("nehme", "nimmt"),
    ("gebe", "gibt"),
    ("trage", "trägt"),
    ("laufe", "läuft"),
    ("treffe", "trifft"),
    ("helfe", "hilft"),
    ("halte", "hält"),
    ("warte", "wartet"),
    ("möchte", "möchte"),
    ("könnte", "könnte"),
    ("hätte", "hätte"),
    ("würde", "würde"),
];

fn german(verb: &str) -> String {
    if let Some((_, form)) = GERMAN.iter().find(|(first, _)| *first == verb) {
        return (*form).to_owned();
    }
    match verb.strip_suffix('e') {
        // `wohnte` is the past and stays; `arbeite` is not.
        Some(stem)
            if stem.ends_with('t')
                && !stem.ends_with(['a', 'e', 'i', 'o', 'u'])
                && !vowel_before_last(stem) =>
        {
            verb.to_owned()
        }
        Some(stem) if stem.ends_with(['t', 'd']) => format!("{stem}et"),
        Some(stem) => format!("{stem}t"),
        None => verb.to_owned(),
    }
}

fn vowel_before_last(stem: &str) -> bool {
    stem.chars().rev().nth(1).is_some_and(|letter| "aeiouäöü".contains(letter))
}

const UKRAINIAN: &[(&str, &str)] = &[
    ("живу", "живе"),
    ("хочу", "хоче"),
    ("вчу", "вчить"),
    ("їду", "їде"),
    ("поїду", "поїде"),
    ("переїду", "переїде"),
    ("йду", "йде"),
    ("можу", "може"),
    ("лечу", "летить"),
    ("ходжу", "ходить"),
    ("пишу", "пише"),
    ("бачу", "бачить"),
    ("п'ю", "п'є"),
    ("їм", "їсть"),
    ("ненавиджу", "ненавидить"),
    ("буду", "буде"),
    ("беру", "бере"),
    ("роджу", "родить"),
    ("сиджу", "сидить"),
    ("воджу", "водить"),
    ("їжджу", "їздить"),
    ("бою", "боїть"),
    ("лежу", "лежить"),
    ("веду", "веде"),
    ("розумію", "розуміє"),
    ("вмію", "вміє"),
    ("хворію", "хворіє"),
];
const UKRAINIAN_ENDINGS: &[(&str, &str)] = &[("аю", "ає"), ("яю", "яє"), ("ую", "ує"), ("юю", "ює")];

const RUSSIAN: &[(&str, &str)] = &[
    ("живу", "живёт"),
    ("хочу", "хочет"),
    ("учу", "учит"),
    ("еду", "едет"),
    ("поеду", "поедет"),
    ("перееду", "переедет"),
    ("иду", "идёт"),
    ("могу", "может"),
    ("лечу", "летит"),
    ("хожу", "ходит"),
    ("пишу", "пишет"),
    ("вижу", "видит"),
    ("пью", "пьёт"),
    ("ем", "ест"),
    ("ненавижу", "ненавидит"),
    ("буду", "будет"),
    ("беру", "берёт"),
    ("вожу", "водит"),
    ("сижу", "сидит"),
    ("езжу", "ездит"),
    ("преподаю", "преподаёт"),
    ("боюсь", "боится"),
    ("веду", "ведёт"),
];
const RUSSIAN_ENDINGS: &[(&str, &str)] =
    &[("аю", "ает"), ("яю", "яет"), ("ею", "еет"), ("ую", "ует"), ("юю", "юет")];

fn slavic(verb: &str, irregular: &[(&str, &str)], endings: &[(&str, &str)]) -> Option<String> {
    let active = verb.strip_suffix("ся").or(verb.strip_suffix("сь"));
    let first = active.unwrap_or(verb);
    if !first.ends_with(['у', 'ю']) && first != "їм" && first != "ем" {
        // The past, or no verb at all (`я лікарка`): one form for both persons.
        return Some(verb.to_owned());
    }
    let known =
        irregular.iter().find(|(one, _)| *one == first || *one == verb).map(|(_, third)| (*third).to_owned());
    let regular = || {
        let (ending, third) = endings.iter().find(|(ending, _)| first.ends_with(ending))?;
        Some(format!("{}{third}", first.strip_suffix(ending)?))
    };
    // люблю, роблю, сплю
    let labial = || {
        let start = first.strip_suffix("лю").filter(|start| start.ends_with(['б', 'п', 'в', 'м', 'ф']))?;
        Some(format!("{start}{}", if endings == UKRAINIAN_ENDINGS { "ить" } else { "ит" }))
    };
    let third = known.or_else(regular).or_else(labial)?;
    Some(match active {
        None => third,
        Some(_) if third.ends_with('т') || third.ends_with("ть") => format!("{third}ся"),
        Some(_) => format!("{third}ться"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_take_the_third_person() {
        for (language, first, third) in [
            (Language::English, "live", "lives"),
            (Language::English, "study", "studies"),
            (Language::English, "play", "plays"),
            (Language::English, "teach", "teaches"),
            (Language::English, "am", "is"),
            (Language::English, "moved", "moved"),
            (Language::English, "bought", "bought"),
            (Language::German, "wohne", "wohnt"),
            (Language::German, "arbeite", "arbeitet"),
            (Language::German, "wohnte", "wohnte"),
            (Language::German, "bin", "ist"),
            (Language::German, "zog", "zog"),
            (Language::Ukrainian, "працюю", "працює"),
            (Language::Ukrainian, "люблю", "любить"),
            (Language::Ukrainian, "навчаюся", "навчається"),
            (Language::Ukrainian, "переїхала", "переїхала"),
            (Language::Russian, "работаю", "работает"),
            (Language::Russian, "занимаюсь", "занимается"),
            (Language::Russian, "учусь", "учится"),
        ] {
            assert_eq!(third_person(first, language).as_deref(), Some(third), "{first}");
        }
    }

    #[test]
    fn an_unknown_verb_is_not_guessed() {
        assert_eq!(third_person("мрежу", Language::Ukrainian), None);
        assert_eq!(third_person("стригу", Language::Russian), None);
    }
}
