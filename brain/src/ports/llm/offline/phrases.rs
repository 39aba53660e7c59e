//! The sentences that the offline model answers with, in each of its languages. The Slavic ones avoid verbs that
//! would have to know a person's gender, and say `Ви` and `Вы`.

use super::language::Language;

/// One language's sentences; words in braces are filled in by [`fill`].
pub(super) struct Phrases {
    pub(super) hello: &'static str,
    pub(super) hello_named: &'static str,
    pub(super) welcome: &'static str,
    pub(super) farewell: &'static str,
    pub(super) introduction: &'static str,
    pub(super) empty: &'static str,
    pub(super) unknown: &'static str,
    pub(super) unsure: &'static str,
    pub(super) your_name: &'static str,
    pub(super) you_said: &'static str,
    pub(super) you_said_on: &'static str,
    pub(super) other_said: &'static str,
    pub(super) other_said_on: &'static str,
    pub(super) fact: &'static str,
    pub(super) fact_since: &'static str,
    pub(super) noted: &'static str,
    pub(super) noted_named: &'static str,
    pub(super) heard: &'static str,
    pub(super) understood: &'static str,
    /// The fact of somebody's name.
    pub(super) named: &'static str,
    /// A fact whose words count from the day on which it was told.
    pub(super) said_on: &'static str,
    /// How a fact repeats what cannot be put into the third person.
    reported: (&'static str, &'static str),
    day: &'static str,
    months: [&'static str; 12],
}

impl Phrases {
    pub(super) const fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &ENGLISH,
            Language::Ukrainian => &UKRAINIAN,
            Language::Russian => &RUSSIAN,
            Language::German => &GERMAN,
        }
    }

    /// `2 October 2026` of `2026-10-02 14:03`, or the date as it stands where it is no such date.
    pub(super) fn day(&self, date: &str) -> String {
        let mut parts = date.split(['-', ' ', 'T']).map(str::parse::<usize>);
        match (parts.next(), parts.next(), parts.next()) {
            (Some(Ok(year)), Some(Ok(month @ 1..=12)), Some(Ok(day))) => {
                let (day, year) = (day.to_string(), year.to_string());
                fill(self.day, &[("day", &day), ("month", self.months[month - 1]), ("year", &year)])
            }
            _ => date.to_owned(),
        }
    }
}

/// A phrase with its `{names}` replaced; what is filled in is never searched for names itself.
pub(super) fn fill(phrase: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(phrase.len() + 64);
    let mut rest = phrase;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        filled.push_str(before);
        filled.push_str(values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value));
        rest = after;
    }
    filled + rest
}

/// A fact that repeats somebody's own words.
pub(super) fn report(speaker: &str, text: &str, language: Language) -> String {
    let (opening, closing) = Phrases::of(language).reported;
    format!("{speaker} {opening}{text}{closing}")
}

/// The speaker and the words of a fact that [`report`] made.
pub(super) fn reported(fact: &str) -> Option<(&str, &str)> {
    Language::ALL.into_iter().find_map(|language| {
        let (opening, closing) = Phrases::of(language).reported;
        let (speaker, rest) = fact.split_once(&format!(" {opening}"))?;
        Some((speaker, rest.rsplit_once(closing).map_or(rest, |(text, _)| text)))
    })
}

const ENGLISH: Phrases = Phrases {
    hello: "Hello! What would you like to talk about?",
    hello_named: "Hello, {name}! What would you like to talk about?",
    welcome: "You are welcome!",
    farewell: "Goodbye! I will keep in mind what you told me.",
    introduction: "I am PykhBrain. Right now my built-in offline model answers: I can tell you what was told to me here, and \
                   remember what you tell me.",
    empty: "I am here. Tell me something, and I will remember it.",
    unknown: "Nobody has told me that yet. Tell me, and I will remember it.",
    unsure: "Nobody has told me exactly that yet. What comes nearest:",
    your_name: "Your name is {name}.",
    you_said: "You told me: “{text}”",
    you_said_on: "You told me on {date}: “{text}”",
    other_said: "{name} told me: “{text}”",
    other_said_on: "{name} told me on {date}: “{text}”",
    fact: "What I know: {text}.",
    fact_since: "What I know ({date}): {text}.",
    noted: "Thank you, I will remember: {text}.",
    noted_named: "Thank you, {name}, I will remember: {text}.",
    heard: "I see: {text}.",
    understood: "All right!",
    named: "{speaker}'s name is {name}",
    said_on: "{text} (said on {date})",
    reported: ("says: “", "”"),
    day: "{day} {month} {year}",
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
};

const UKRAINIAN: Phrases = Phrases {
    hello: "Вітаю! Про що поговоримо?",
    hello_named: "Вітаю, {name}! Про що поговоримо?",
    welcome: "Будь ласка!",
    farewell: "До зустрічі! Усе розказане залишиться в моїй пам'яті.",
    introduction: "Я PykhBrain. Зараз відповідає моя вбудована офлайн-модель: вона знає лише те, що тут розповіли, і \
                   запам'ятовує нове.",
    empty: "Я тут. Розкажіть щось, і я запам'ятаю.",
    unknown: "Мені про це ще ніхто не розповідав. Розкажіть, і я запам'ятаю.",
    unsure: "Саме про це мені ще ніхто не розповідав. Найближче з того, що я знаю:",
    your_name: "Вас звати {name}.",
    you_said: "Ви казали мені: «{text}»",
    you_said_on: "Ви казали мені {date}: «{text}»",
    other_said: "{name}: «{text}»",
    other_said_on: "{name}, {date}: «{text}»",
    fact: "Ось що я знаю: {text}.",
    fact_since: "Ось що я знаю ({date}): {text}.",
    noted: "Дякую, запам'ятаю: «{text}».",
    noted_named: "Дякую, {name}, запам'ятаю: «{text}».",
    heard: "Зрозуміло: «{text}».",
    understood: "Гаразд!",
    named: "{speaker}: ім'я — {name}",
    said_on: "{text} (сказано {date})",
    reported: ("каже: «", "»"),
    day: "{day} {month} {year} року",
    months: [
        "січня",
        "лютого",
        "березня",
        "квітня",
        "травня",
        "червня",
        "липня",
        "серпня",
        "вересня",
        "жовтня",
        "листопада",
        "грудня",
    ],
};

const RUSSIAN: Phrases = Phrases {
    hello: "Здравствуйте! О чём поговорим?",
    hello_named: "Здравствуйте, {name}! О чём поговорим?",
    welcome: "Пожалуйста!",
    farewell: "До встречи! Всё рассказанное останется в моей памяти.",
    introduction: "Я PykhBrain. Сейчас отвечает моя встроенная офлайн-модель: она знает только то, что рассказали здесь, и \
                   запоминает новое.",
    empty: "Я здесь. Расскажите что-нибудь, и я запомню.",
    unknown: "Мне об этом ещё никто не рассказывал. Расскажите, и я запомню.",
    unsure: "Именно об этом мне ещё никто не рассказывал. Ближе всего вот что:",
    your_name: "Вас зовут {name}.",
    you_said: "Вы говорили мне: «{text}»",
    you_said_on: "Вы говорили мне {date}: «{text}»",
    other_said: "{name}: «{text}»",
    other_said_on: "{name}, {date}: «{text}»",
    fact: "Вот что я знаю: {text}.",
    fact_since: "Вот что я знаю ({date}): {text}.",
    noted: "Спасибо, запомню: «{text}».",
    noted_named: "Спасибо, {name}, запомню: «{text}».",
    heard: "Понятно: «{text}».",
    understood: "Хорошо!",
    named: "{speaker}: имя — {name}",
    said_on: "{text} (сказано {date})",
    reported: ("говорит: «", "»"),
    day: "{day} {month} {year} года",
    months: [
        "января",
        "февраля",
        "марта",
        "апреля",
        "мая",
        "июня",
        "июля",
        "августа",
        "сентября",
        "октября",
        "ноября",
        "декабря",
    ],
};

const GERMAN: Phrases = Phrases {
    hello: "Hallo! Worüber möchten Sie sprechen?",
    hello_named: "Hallo, {name}! Worüber möchten Sie sprechen?",
    welcome: "Gern geschehen!",
    farewell: "Auf Wiedersehen! Was Sie mir erzählt haben, behalte ich im Gedächtnis.",
    introduction: "Ich bin PykhBrain. Gerade antwortet mein eingebautes Offline-Modell: Es weiß nur, was mir hier erzählt \
                   wurde, und merkt sich Neues.",
    empty: "Ich bin da. Erzählen Sie mir etwas, und ich merke es mir.",
    unknown: "Das hat mir noch niemand erzählt. Erzählen Sie es mir, und ich merke es mir.",
    unsure: "Genau das hat mir noch niemand erzählt. Am nächsten kommt:",
    your_name: "Sie heißen {name}.",
    you_said: "Sie haben mir gesagt: „{text}“",
    you_said_on: "Sie haben mir am {date} gesagt: „{text}“",
    other_said: "{name} hat mir gesagt: „{text}“",
    other_said_on: "{name} hat mir am {date} gesagt: „{text}“",
    fact: "Das weiß ich: {text}.",
    fact_since: "Das weiß ich ({date}): {text}.",
    noted: "Danke, ich merke mir: „{text}“.",
    noted_named: "Danke, {name}, ich merke mir: „{text}“.",
    heard: "Verstehe: „{text}“.",
    understood: "In Ordnung!",
    named: "{speaker} heißt {name}",
    said_on: "{text} (gesagt am {date})",
    reported: ("sagt: „", "“"),
    day: "{day}. {month} {year}",
    months: [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_filled_in_stays_as_it_is() {
        assert_eq!(
            fill("{name}: {text}", &[("name", "{text}"), ("text", "a {name} b")]),
            "{text}: a {name} b"
        );
    }

    #[test]
    fn a_reported_fact_is_read_back() {
        for language in Language::ALL {
            let fact = report("Ola", "so “ist” «es»", language);
            assert_eq!(reported(&fact), Some(("Ola", "so “ist” «es»")), "{fact}");
        }
        assert_eq!(reported("Ola lives in Lviv"), None);
    }

    #[test]
    fn dates_are_spelled_out() {
        assert_eq!(Phrases::of(Language::English).day("2026-10-02 14:03"), "2 October 2026");
        assert_eq!(Phrases::of(Language::Ukrainian).day("2026-10-02"), "2 жовтня 2026 року");
        assert_eq!(Phrases::of(Language::German).day("2026-10-02"), "2. Oktober 2026");
        assert_eq!(Phrases::of(Language::German).day("soon"), "soon");
    }
}
