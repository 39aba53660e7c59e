//! Which language a text is in, and the few sentences of our own in each.

use std::sync::LazyLock;

use whatlang::{Detector, Lang};

use crate::words::{has_any, words};

/// What the model says of itself; `{text}` is filled in by the caller.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Phrases {
    pub(crate) introduction: &'static str,
    pub(crate) unknown: &'static str,
    /// Before what only touches on the question.
    pub(crate) nearest: &'static str,
    /// Before what will be remembered.
    pub(crate) noted: &'static str,
    pub(crate) understood: &'static str,
    /// Before a fact that nobody's words stand for, and before the day since which it holds.
    pub(crate) known_since: &'static str,
}

const ENGLISH: Phrases = Phrases {
    introduction: "I am PykhBrain. Right now my built-in offline model answers: it can only quote what was told to me here, and \
                   remember what you tell me.",
    unknown: "Nobody has told me that yet. Tell me, and I will remember it.",
    nearest: "Nobody has told me exactly that yet. What comes nearest:",
    noted: "I will remember:",
    understood: "All right!",
    known_since: "Known since",
};

const UKRAINIAN: Phrases = Phrases {
    introduction: "Я PykhBrain. Зараз відповідає моя вбудована офлайн-модель: вона лише цитує те, що тут розповіли, і \
                   запам'ятовує нове.",
    unknown: "Мені про це ще ніхто не розповідав. Розкажіть, і я запам'ятаю.",
    nearest: "Саме про це мені ще ніхто не розповідав. Найближче з того, що я знаю:",
    noted: "Запам'ятаю:",
    understood: "Гаразд!",
    known_since: "Відомо з",
};

const RUSSIAN: Phrases = Phrases {
    introduction: "Я PykhBrain. Сейчас отвечает моя встроенная офлайн-модель: она только цитирует то, что рассказали здесь, и \
                   запоминает новое.",
    unknown: "Мне об этом ещё никто не рассказывал. Расскажите, и я запомню.",
    nearest: "Именно об этом мне ещё никто не рассказывал. Ближе всего вот что:",
    noted: "Запомню:",
    understood: "Хорошо!",
    known_since: "Известно с",
};

const GERMAN: Phrases = Phrases {
    introduction: "Ich bin PykhBrain. Gerade antwortet mein eingebautes Offline-Modell: Es kann nur zitieren, was mir hier erzählt \
                   wurde, und merkt sich Neues.",
    unknown: "Das hat mir noch niemand erzählt. Erzählen Sie es mir, und ich merke es mir.",
    nearest: "Genau das hat mir noch niemand erzählt. Am nächsten kommt:",
    noted: "Ich merke mir:",
    understood: "In Ordnung!",
    known_since: "Bekannt seit",
};

/// Letters and frequent words that only one of the languages has: they say more of a short question than statistics do.
const SIGNS: [(&Phrases, &str, &str); 4] = [
    (&UKRAINIAN, "іїєґ", "де|як|що|хто|чи|й|мого|мене|мою"),
    (&RUSSIAN, "ыэёъ", "где|как|что|кто|когда|меня|мне|мой|моя|мое|нет|еще"),
    (&GERMAN, "äöüß", "wer|wo|wann|warum|wie|ist|ich|mein|meine|der|das|und|ein|eine|einen"),
    (&ENGLISH, "", "what|who|where|when|why|how|which|the|is|are|does|do|did|my|me|i|am|you"),
];

/// The sentences in the language of a text; English, where it is none of the four.
pub(crate) fn phrases(text: &str) -> &'static Phrases {
    static DETECTOR: LazyLock<Detector> =
        LazyLock::new(|| Detector::with_allowlist(vec![Lang::Eng, Lang::Ukr, Lang::Rus, Lang::Deu]));
    let lower = text.to_lowercase();
    let words = words(&lower);
    let shows =
        |letters: &str, list| lower.contains(|letter| letters.contains(letter)) || has_any(&words, list);
    if let Some((language, ..)) = SIGNS.into_iter().find(|(_, letters, list)| shows(letters, list)) {
        return language;
    }
    match DETECTOR.detect_lang(&lower) {
        Some(Lang::Ukr) => &UKRAINIAN,
        Some(Lang::Rus) => &RUSSIAN,
        Some(Lang::Deu) => &GERMAN,
        _ => &ENGLISH,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_told_from_short_sentences() {
        let mut wrong = Vec::new();
        for (language, texts) in [
            (
                &ENGLISH,
                "Where do I live?|What is my name?|What does my brother study?|Who borrowed the ladder?|I sold the bicycle|",
            ),
            (&UKRAINIAN, "Де я живу?|Моя сестра живе в Одесі|Хто позичив драбину?|Скажи про мого кота"),
            (&RUSSIAN, "Как меня зовут?|Расскажи про моего кота|Сколько стоит квартира?|Где я работаю?"),
            (
                &GERMAN,
                "Wo wohne ich?|Ich habe einen Hund|Was ist mein Lieblingstee?|Wann kommt der Klempner?",
            ),
        ] {
            wrong.extend(texts.split('|').filter(|text| phrases(text) != language));
        }
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}
