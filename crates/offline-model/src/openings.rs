//! How people begin when they say of themselves what lasts, in four languages. Ukrainian and Russian openings stand without
//! "I" and "we", which are left out before they are compared; so are greetings and words like "also" and "now".

use crate::words::{Word, has_any, starts_with};

/// What sort of fact a statement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Name, home, family, work, health.
    Person,
    /// What somebody likes or avoids.
    Preference,
    /// What was agreed.
    Decision,
}

/// What everybody has one of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Single {
    Name,
    Home,
}

pub(crate) struct Opening {
    phrases: &'static str,
    /// Words of which one must follow; none, where anything may.
    needs: &'static str,
    pub(crate) kind: Kind,
    pub(crate) single: Option<Single>,
}

const fn of(kind: Kind, phrases: &'static str) -> Opening {
    Opening { phrases, needs: "", kind, single: None }
}

const OPENINGS: [Opening; 13] = [
    Opening {
        single: Some(Single::Name),
        ..of(
            Kind::Person,
            "my name is|i am called|ich heiße|mein name ist|мене звати|моє імя|меня зовут|мое имя",
        )
    },
    Opening {
        single: Some(Single::Home),
        ..of(
            Kind::Person,
            "i live in|i live at|i live near|i live on|we live in|i moved to|i have moved to|i moved back to|we moved to|\
             we have moved to|ich wohne in|wohne ich in|ich lebe in|lebe ich in|wir wohnen in|wir leben in|\
             живу у|живу в|живу на|живу біля|живу возле|мешкаю у|мешкаю в|проживаю у|проживаю в|живемо у|живемо в|живем в|\
             переїхав до|переїхала до|переїхав у|переїхала у|переїхав в|переїхала в|переїхали до|переїхали у|переїхали в|\
             переехал в|переехала в|переехали в",
        )
    },
    Opening {
        single: Some(Single::Home),
        needs: "gezogen|umgezogen",
        ..of(Kind::Person, "ich bin nach|wir sind nach|ich bin von|ich bin in")
    },
    of(
        Kind::Person,
        "i am from|i come from|i was born|i grew up in|ich komme aus|ich bin aus|народився|народилась|\
         народилася|родом з|родом із|родился|родилась|родом из",
    ),
    Opening { needs: "geboren", ..of(Kind::Person, "ich bin|ich wurde") },
    Opening {
        needs: "year|years|jahre|рік|роки|років|год|года|лет",
        ..of(Kind::Person, "i am #|ich bin #|мені #|мне #")
    },
    of(
        Kind::Person,
        "i work as|i work at|i work for|i work in|i am a|i am an|i study|i teach|i am married|i am divorced|i am vegan|\
         i am vegetarian|i am allergic to|ich arbeite als|ich arbeite bei|ich arbeite in|ich bin von beruf|ich studiere|ich lerne|\
         ich unterrichte|ich bin verheiratet|ich bin vegetarier|ich bin vegetarierin|ich bin veganer|ich bin veganerin|\
         ich bin allergisch|працюю|вчуся|навчаюся|навчаюсь|викладаю|одружений|заміжня|вегетаріанець|вегетаріанка|за фахом|\
         работаю|учусь|преподаю|женат|замужем|вегетарианец|вегетарианка|по профессии",
    ),
    Opening {
        needs: "son|sons|daughter|daughters|child|children|kids|brother|brothers|sister|sisters|twins|wife|husband|dog|dogs|cat|\
                cats|puppy|kitten|horse|parrot|allergy|asthma|diabetes|sohn|söhne|tochter|töchter|kind|kinder|bruder|brüder|\
                schwester|schwestern|frau|mann|hund|hunde|katze|katzen|pferd|allergie|asthma|син|сини|синів|сина|дочка|дочки|донька|доньки|діти|\
                дітей|дитина|брат|брати|братів|сестра|сестри|сестер|чоловік|дружина|собака|собаки|пес|кіт|кішка|коти|алергія|астма|діабет|\
                сын|сына|сыновей|дочь|дети|детей|ребенок|братья|сестры|муж|жена|кошка|кот|аллергия|диабет",
        ..of(Kind::Person, "i have|we have|ich habe|wir haben|у мене|у нас|маю|маємо|у меня")
    },
    of(
        Kind::Person,
        "i play|i speak|i collect|ich spiele|ich spreche|ich sammle|граю|розмовляю|колекціоную|играю на|играю в|говорю на|говорю по|\
         коллекционирую",
    ),
    of(
        Kind::Preference,
        "i like|i love|i prefer|i hate|i enjoy|i adore|i dislike|i do not like|i do not eat|i do not drink|i can not stand|\
         i am afraid of|i am interested in|ich mag|ich liebe|ich hasse|ich bevorzuge|ich mag nicht|ich mag kein|\
         ich mag keine|ich mag keinen|ich esse kein|ich esse keine|ich esse keinen|ich trinke kein|ich trinke keine|\
         ich trinke keinen|ich interessiere mich für",
    ),
    of(
        Kind::Preference,
        "люблю|обожнюю|ненавиджу|не люблю|не їм|не пю|мені подобається|мені подобаються|мені не подобається|терпіти не можу|боюся|\
         обожаю|ненавижу|не ем|не пью|мне нравится|мне нравятся|мне не нравится|терпеть не могу|боюсь|предпочитаю",
    ),
    of(
        Kind::Decision,
        "we decided|we have decided|i decided|i have decided|we agreed|wir haben beschlossen|wir haben vereinbart|вирішили|вирішив|\
         вирішила|домовились|домовилися|решили|решил|решила|договорились",
    ),
    of(Kind::Person, "my native language is|meine muttersprache ist|моя рідна мова|мой родной язык"),
];

/// `My sister`, and how her sentence goes on where it tells what lasts.
const MINE: &str = "my|our|mein|meine|unser|unsere|мій|моя|моє|мої|наш|наша|наше|наші|мой|мое|мои|наши";
const STATES: &str = "—|is|are|was born|were born|lives|live in|works|plays|studies|teaches|has|likes|loves|hates|speaks|ist|sind|\
    heißt|heißen|wohnt|wohnen|lebt|arbeitet|spielt|studiert|hat|haben|mag|liebt|hasst|spricht|wurde|живе|живуть|живет|живут|мешкає|\
    працює|работает|грає|играет|вчиться|учится|викладає|преподает|має|любить|люблять|любит|любят|звати|зовут|народився|народилася|\
    народилась|родился|родилась|це|это|є";
/// After those, what holds today only.
const PASSING: &str =
    "today|tonight|tomorrow|yesterday|heute|gestern|morgen|сьогодні|вчора|завтра|сегодня|вчера";
/// Beginnings of words for things of which everybody has one.
const SINGLES: &str = "favourit|favorit|birthday|phone|address|email|mail|liebling|geburtstag|telefon|handynummer|adresse|\
    улюблен|любим|номер|телефон|адрес|пошта|почта";
/// These are left out before openings are compared.
const LEADING: &str = "remember that|note that|please|merk dir dass|merke dir dass|bitte|запамятай що|запомни что|\
    hi|hello|hey|all|everybody|guys|well|ok|okay|yes|also|and|but|so|by the way|btw|actually|really|now|still|just|currently|always|\
    hallo|zusammen|guten tag|ja|und|aber|auch|übrigens|eigentlich|jetzt|wirklich|sehr|gern|gerne|noch|schon|immer|\
    привіт|вітаю|добрий день|так|і|й|а|але|також|теж|до речі|тепер|зараз|дуже|вже|більше|взагалі|завжди|я|ми|\
    привет|здравствуйте|добрый день|да|и|но|тоже|также|кстати|теперь|сейчас|очень|уже|больше|вообще|всегда|мы";
/// What somebody likes must be named to be understood later.
const POINTERS: &str = "it|this|that|these|those|you|your|him|her|them|what|how|when|es|das|dies|dich|dir|ihn|sie|це|цей|цю|тебе|вас|\
    його|її|їх|это|этот|эту|тебя|вас|его|ее|их|bit|little|lot|so|too|bin|was|wie|wenn";

/// How a clause opens, where it opens with what lasts.
pub(crate) struct Opened {
    pub(crate) kind: Kind,
    pub(crate) single: Option<Single>,
    /// The thing of the speaker's that it speaks of, and whether people have one of it.
    pub(crate) owned: Option<(String, bool)>,
    /// How many words of the clause are the opening.
    pub(crate) length: usize,
}

/// The words without those that may stand before and within an opening, each with its place among all.
fn telling(words: &[Word<'_>]) -> Vec<usize> {
    let mut kept = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let dropped = LEADING.split('|').filter_map(|phrase| starts_with(&words[at..], phrase)).max();
        if let Some(length) = dropped.filter(|_| kept.len() < 4) {
            at += length;
        } else {
            kept.push(at);
            at += 1;
        }
    }
    kept
}

/// How the words open; `continues` says that they go on in a sentence that has opened so, where "I" may be left out.
pub(crate) fn opened(words: &[Word<'_>], continues: bool) -> Option<Opened> {
    let places = telling(words);
    let told: Vec<Word<'_>> = places.iter().map(|at| words[*at].clone()).collect();
    let length = |count: usize| places.get(count - 1).map_or(words.len(), |at| at + 1);
    for opening in &OPENINGS {
        let without_pronoun = |phrase: &'static str| {
            phrase.strip_prefix("i ").or(phrase.strip_prefix("ich ")).filter(|_| continues)
        };
        let phrases =
            opening.phrases.split('|').flat_map(|phrase| [Some(phrase), without_pronoun(phrase)]).flatten();
        let count = phrases.filter_map(|phrase| starts_with(&told, phrase)).max();
        let Some(rest) = count.map(|count| &told[count..]) else { continue };
        let named = opening.needs.is_empty() || has_any(rest, opening.needs);
        let points = POINTERS.split('|').any(|phrase| starts_with(rest, phrase).is_some());
        if named && !points && !rest.is_empty() {
            let length = length(told.len() - rest.len());
            return Some(Opened { kind: opening.kind, single: opening.single, owned: None, length });
        }
    }
    let first = told.first().filter(|word| MINE.split('|').any(|mine| mine == word.bare))?;
    let is_single = |word: &Word<'_>| SINGLES.split('|').any(|start| word.bare.starts_with(start));
    let state = (2..told.len().min(7)).find(|at| {
        STATES.split('|').any(|state| starts_with(&told[*at..], state).is_some()) && *at + 1 < told.len()
    });
    let single = told[1..].iter().take(3).any(is_single);
    // `Мій улюблений колір синій`: no word for "is".
    let end =
        state.or_else(|| (single && !first.bare.is_ascii() && told.len() > 3).then_some(told.len() - 1))?;
    let after = &told[end..];
    let happening = after.get(1).is_some_and(|word| word.bare.len() > 4 && word.bare.ends_with("ing"));
    if happening || has_any(after, PASSING) {
        return None;
    }
    let owned = told[1..end].iter().filter(|word| !CHANGED.split('|').any(|new| new == word.bare));
    let owned = owned.map(|word| word.bare.as_str()).collect::<Vec<_>>().join(" ");
    let favourite = ["favo", "liebling", "улюблен", "любим"].iter().any(|start| owned.contains(start));
    let kind = if favourite { Kind::Preference } else { Kind::Person };
    Some(Opened { kind, single: None, owned: Some((owned, single)), length: length(1) })
}

/// Words that say that something is no longer as it was.
pub(crate) const CHANGED: &str = "now|new|changed|instead|jetzt|neu|neue|neuer|neues|inzwischen|тепер|новий|нова|нове|нові|теперь|новый|\
    новая|новое|новые";
