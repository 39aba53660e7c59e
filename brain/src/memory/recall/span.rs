//! The time that a question names: "on 7 May 2023", "im Mai", "минулого тижня", "три дня назад" with a figure.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, TimeDelta, Utc, Weekday};

/// A time that a question names, from the first moment to that after the last, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first moment.
    pub from: DateTime<Utc>,
    /// The first moment after it.
    pub until: DateTime<Utc>,
}

/// People tell of a thing on the day or soon after, so messages of so many days more count.
const TOLD_WITHIN: Days = Days::new(3);
/// Their day may begin before that of UTC.
const EARLIER: TimeDelta = TimeDelta::hours(12);

/// Months, as they are written and begin in English, German, Ukrainian and Russian. A word is a month only next to a day, a year
/// or a preposition: `may`, `march`, `мая` and `марта` are other words too.
const MONTHS: [&[&str]; 12] = [
    &["january", "jan", "januar", "січень", "січня", "січні", "январь", "января", "январе"],
    &["february", "feb", "februar", "лютий", "лютого", "лютому", "февраль", "февраля", "феврале"],
    &["march", "mar", "märz", "березень", "березня", "березні", "март", "марта", "марте"],
    &["april", "apr", "квітень", "квітня", "квітні", "апрель", "апреля", "апреле"],
    &["may", "mai", "травень", "травня", "травні", "май", "мая", "мае"],
    &["june", "jun", "juni", "червень", "червня", "червні", "июнь", "июня", "июне"],
    &["july", "jul", "juli", "липень", "липня", "липні", "июль", "июля", "июле"],
    &["august", "aug", "серпень", "серпня", "серпні", "август", "августа", "августе"],
    &["september", "sep", "sept", "вересень", "вересня", "вересні", "сентябрь", "сентября", "сентябре"],
    &["october", "oct", "oktober", "жовтень", "жовтня", "жовтні", "октябрь", "октября", "октябре"],
    &["november", "nov", "листопад", "листопада", "листопаді", "ноябрь", "ноября", "ноябре"],
    &["december", "dec", "dezember", "грудень", "грудня", "грудні", "декабрь", "декабря", "декабре"],
];

/// Words after which a month's name is a month.
const BEFORE_MONTH: &[&str] = &[
    "in",
    "during",
    "of",
    "this",
    "last",
    "since",
    "by",
    "until",
    "early",
    "late",
    "mid",
    "im",
    "seit",
    "anfang",
    "ende",
    "mitte",
    "letzten",
    "у",
    "в",
    "во",
    "з",
    "із",
    "с",
    "до",
    "на",
    "минулого",
    "прошлого",
    "початку",
    "кінці",
    "начале",
    "конце",
];

/// Words after which a number is a year.
const BEFORE_YEAR: &[&str] = &["in", "of", "during", "since", "year", "jahr", "seit", "у", "в", "з", "с"];

/// Days before today that have a word of their own.
const DAYS_BACK: [(u64, &[&str]); 2] = [
    (1, &["yesterday", "gestern", "вчора", "учора", "вчера"]),
    (2, &["vorgestern", "позавчора", "позавчера"]),
];

/// What stands before a unit that is over: `last week`.
const LAST: &[&str] = &[
    "last",
    "previous",
    "letzte",
    "letzten",
    "letztes",
    "letzter",
    "vorige",
    "vorigen",
    "voriges",
    "минулого",
    "минулому",
    "минулий",
    "прошлой",
    "прошлую",
    "прошлом",
    "прошлого",
    "прошлый",
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    Day,
    Week,
    Month,
    Year,
}

const UNITS: [(Unit, &[&str]); 4] = [
    (Unit::Day, &["day", "days", "tag", "tage", "tagen", "день", "дні", "днів", "дня", "дней"]),
    (
        Unit::Week,
        &[
            "week",
            "weeks",
            "woche",
            "wochen",
            "тиждень",
            "тижня",
            "тижні",
            "тижнів",
            "неделя",
            "неделе",
            "неделю",
            "недели",
            "недель",
        ],
    ),
    (
        Unit::Month,
        &[
            "month",
            "months",
            "monat",
            "monate",
            "monaten",
            "місяць",
            "місяця",
            "місяці",
            "місяців",
            "месяц",
            "месяца",
            "месяце",
            "месяцев",
        ],
    ),
    (
        Unit::Year,
        &[
            "year",
            "years",
            "jahr",
            "jahre",
            "jahren",
            "рік",
            "року",
            "році",
            "роки",
            "років",
            "год",
            "года",
            "году",
            "лет",
        ],
    ),
];

/// What stands after a number of units that are over; German says it before.
const AGO: &[&str] = &["ago", "тому", "назад"];
const AGO_BEFORE: &str = "vor";

impl Span {
    /// The first time that `question`, asked `now`, names. A month or a day without a year is the last one that has begun.
    #[must_use]
    pub fn named_in(question: &str, now: DateTime<Utc>) -> Option<Self> {
        let text = question.to_lowercase();
        let words: Vec<&str> =
            text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let today = now.date_naive();
        let (first, after) = (0..words.len()).find_map(|at| {
            let reading = Reading { words: &words, at, today };
            reading
                .in_figures()
                .or_else(|| reading.month())
                .or_else(|| reading.year())
                .or_else(|| reading.back())
        })?;
        let midnight = |day: NaiveDate| day.and_time(chrono::NaiveTime::MIN).and_utc();
        Some(Self { from: midnight(first) - EARLIER, until: midnight(after.checked_add_days(TOLD_WITHIN)?) })
    }

    /// Whether it was then.
    #[must_use]
    pub fn holds(&self, time: DateTime<Utc>) -> bool {
        self.from <= time && time < self.until
    }
}

/// A place in the question, and what stands around it.
#[derive(Clone, Copy)]
struct Reading<'a> {
    words: &'a [&'a str],
    at: usize,
    today: NaiveDate,
}

type Dates = (NaiveDate, NaiveDate);

impl Reading<'_> {
    fn word(&self, offset: isize) -> &str {
        self.at.checked_add_signed(offset).and_then(|at| self.words.get(at)).copied().unwrap_or_default()
    }

    /// `2023-05-07`, `7.5.2023`.
    fn in_figures(&self) -> Option<Dates> {
        let [a, b, c] = [0, 1, 2].map(|offset| self.word(offset));
        let (year, month, day) = if a.len() == 4 { (a, b, c) } else { (c, b, a) };
        one_day(year_of(year)?, month.parse().ok()?, day.parse().ok()?)
    }

    /// `7 May 2023`, `May 7`, `in May`, `May 2023`, and the same in the other languages.
    fn month(&self) -> Option<Dates> {
        let month = month_of(self.word(0))?;
        let year_at = |offset| year_of(self.word(offset));
        if let Some(day) =
            day_of(self.word(-1)).or_else(|| (self.word(-1) == "of").then(|| day_of(self.word(-2)))?)
        {
            return one_day(year_at(1).unwrap_or_else(|| self.last_year_with(month, day)), month, day);
        }
        if let Some(day) = day_of(self.word(1)) {
            return one_day(year_at(2).unwrap_or_else(|| self.last_year_with(month, day)), month, day);
        }
        if year_at(1).is_none() && !BEFORE_MONTH.contains(&self.word(-1)) {
            return None;
        }
        let first =
            NaiveDate::from_ymd_opt(year_at(1).unwrap_or_else(|| self.last_year_with(month, 1)), month, 1)?;
        Some((first, first.checked_add_months(Months::new(1))?))
    }

    /// `in 2023`, `2023 року`.
    fn year(&self) -> Option<Dates> {
        let year = year_of(self.word(0))?;
        let is_year = BEFORE_YEAR.contains(&self.word(-1)) || unit_of(self.word(1)) == Some(Unit::Year);
        is_year.then(|| Some((NaiveDate::from_yo_opt(year, 1)?, NaiveDate::from_yo_opt(year + 1, 1)?)))?
    }

    /// `yesterday`, `last week`, `3 days ago`.
    fn back(&self) -> Option<Dates> {
        let word = self.word(0);
        if let Some((days, _)) = DAYS_BACK.iter().find(|(_, words)| words.contains(&word)) {
            return days_from(self.today.checked_sub_days(Days::new(*days))?, 1);
        }
        if word == "торік" {
            return self.whole(Unit::Year, 1);
        }
        let unit = unit_of(word)?;
        if LAST.contains(&self.word(-1)) {
            return self.whole(unit, 1);
        }
        let number: u32 = self.word(-1).parse().ok()?;
        let is_ago = AGO.contains(&self.word(1)) || self.word(-2) == AGO_BEFORE;
        (is_ago && (1..=1200).contains(&number)).then(|| self.whole(unit, number))?
    }

    /// The whole day, week, month or year that is so many back.
    fn whole(&self, unit: Unit, back: u32) -> Option<Dates> {
        let months = |months| self.today.with_day(1)?.checked_sub_months(Months::new(months));
        match unit {
            Unit::Day => days_from(self.today.checked_sub_days(Days::new(back.into()))?, 1),
            Unit::Week => {
                let monday = self.today.week(Weekday::Mon).checked_first_day()?;
                days_from(monday.checked_sub_days(Days::new(u64::from(back) * 7))?, 7)
            }
            Unit::Month => Some((months(back)?, months(back - 1)?)),
            Unit::Year => {
                let year = self.today.year() - i32::try_from(back).ok()?;
                Some((NaiveDate::from_yo_opt(year, 1)?, NaiveDate::from_yo_opt(year + 1, 1)?))
            }
        }
    }

    /// The year in which that day was for the last time.
    fn last_year_with(&self, month: u32, day: u32) -> i32 {
        let has_been = (month, day) <= (self.today.month(), self.today.day());
        self.today.year() - i32::from(!has_been)
    }
}

fn one_day(year: i32, month: u32, day: u32) -> Option<Dates> {
    days_from(NaiveDate::from_ymd_opt(year, month, day)?, 1)
}

fn days_from(first: NaiveDate, days: u64) -> Option<Dates> {
    Some((first, first.checked_add_days(Days::new(days))?))
}

fn month_of(word: &str) -> Option<u32> {
    (1..).zip(MONTHS).find(|(_, names)| names.contains(&word)).map(|(month, _)| month)
}

fn unit_of(word: &str) -> Option<Unit> {
    UNITS.iter().find(|(_, names)| names.contains(&word)).map(|(unit, _)| *unit)
}

/// A day of the month: `7`, `7th`.
fn day_of(word: &str) -> Option<u32> {
    let figures =
        ["st", "nd", "rd", "th"].iter().find_map(|ending| word.strip_suffix(ending)).unwrap_or(word);
    figures.parse().ok().filter(|day| figures.len() <= 2 && (1..=31).contains(day))
}

fn year_of(word: &str) -> Option<i32> {
    word.parse().ok().filter(|year| word.len() == 4 && (1990..2100).contains(year))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Sunday.
    fn now() -> DateTime<Utc> {
        "2026-11-22T12:00:00Z".parse().unwrap()
    }

    /// The days that are meant, without what is added to them.
    fn days(question: &str) -> Option<(String, String)> {
        let span = Span::named_in(question, now())?;
        let last = span.until - TOLD_WITHIN - TimeDelta::days(1);
        Some(((span.from + EARLIER).date_naive().to_string(), last.date_naive().to_string()))
    }

    fn assert_days(question: &str, first: &str, last: &str) {
        assert_eq!(days(question), Some((first.into(), last.into())), "{question}");
    }

    #[test]
    fn a_day_is_understood_in_four_languages() {
        for question in [
            "What did we do on 7 May 2023?",
            "what happened on May 7th, 2023",
            "on the 7th of May 2023",
            "Was war am 7. Mai 2023?",
            "що було 7 травня 2023 року?",
            "что было 7 мая 2023 года?",
            "2023-05-07",
            "am 07.05.2023",
        ] {
            assert_days(question, "2023-05-07", "2023-05-07");
        }
    }

    #[test]
    fn a_day_or_month_without_a_year_is_the_last_that_has_begun() {
        assert_days("what was on 24 December?", "2025-12-24", "2025-12-24");
        assert_days("and on 1 November?", "2026-11-01", "2026-11-01");
        for question in
            ["Where was I in May?", "Wo war ich im Mai?", "де я була у травні?", "где я была в мае?"]
        {
            assert_days(question, "2026-05-01", "2026-05-31");
        }
        assert_days("the trip in December", "2025-12-01", "2025-12-31");
    }

    #[test]
    fn a_month_or_a_year_may_be_named() {
        assert_days("the trip of July 2024", "2024-07-01", "2024-07-31");
        assert_days("where did I work in 2024?", "2024-01-01", "2024-12-31");
        assert_days("де я працювала 2024 року?", "2024-01-01", "2024-12-31");
    }

    #[test]
    fn a_time_may_be_told_from_today() {
        for question in ["What did I eat yesterday?", "gestern", "що я казала вчора?", "вчера"]
        {
            assert_days(question, "2026-11-21", "2026-11-21");
        }
        for question in ["last week", "letzte Woche", "минулого тижня", "на прошлой неделе"]
        {
            assert_days(question, "2026-11-09", "2026-11-15");
        }
        assert_days("last month", "2026-10-01", "2026-10-31");
        assert_days("im letzten Jahr", "2025-01-01", "2025-12-31");
        for question in ["3 days ago", "vor 3 Tagen", "3 дні тому", "3 дня назад"] {
            assert_days(question, "2026-11-19", "2026-11-19");
        }
        assert_days("2 months ago", "2026-09-01", "2026-09-30");
    }

    #[test]
    fn words_that_only_look_like_a_time_are_none() {
        for question in [
            "May I ask something?",
            "the march was long",
            "Где Марта и Мая?",
            "я купив 2000 цеглин",
            "31 February 2023",
            "0 months ago",
            "99999999999 days ago",
            "",
        ] {
            assert_eq!(days(question), None, "{question}");
        }
    }

    #[test]
    fn what_was_told_some_days_later_counts_too() {
        let span = Span::named_in("on 7 May 2023", now()).unwrap();
        assert!(span.holds("2023-05-10T23:59:59Z".parse().unwrap()));
        assert!(!span.holds("2023-05-11T00:00:00Z".parse().unwrap()));
        assert!(!span.holds("2023-05-06T11:59:59Z".parse().unwrap()));
    }
}
