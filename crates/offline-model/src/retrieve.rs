//! Which of the things that were said bear on a question: by the words that they share, rare ones first, and the newest of equals.

use chrono::{DateTime, Utc};

use crate::{
    openings::Single,
    reservations::asks,
    statements::of_sentence,
    words::{Term, Word, has_any, sentences, terms, words},
};

/// At least this share of a question must be spoken of for an answer...
const ANSWERS: f32 = 0.5;
/// ...and this share to be worth telling where nothing answers.
const TOUCHES: f32 = 0.34;
/// What a word weighs that only says what kind of answer is wanted.
const CUE: f32 = 0.3;

const OF_SPEAKER: &str = "i|me|my|mine|myself|ich|mich|mir|mein|meine|meinem|meinen|meiner|meines|я|мене|мені|мною|мій|моя|моє|мої|мого|моєї|\
    моєму|моїй|моїм|моїх|мою|меня|мне|мной|мой|мое|мои|моего|моей|моему|моим|моих";
const OF_ALL: &str = "we|our|us|ours|wir|uns|unser|unsere|ми|нас|нам|наш|наша|наше|наші|мы|наши";
const OF_BOT: &str = "you|your|du|dich|dir|sie|ihr|ти|тебе|тобі|ви|вас|вам|ты|тебя|тебе|вы";
/// By these a question asks for a name, or for a home.
const NAMES: &str = "name|called|call|heiße|heißt|heißen|звати|зовут|імя|имя";
const HOMES: &str = "live|lives|living|home|city|town|move|moved|wohne|wohnt|wohnen|lebe|lebt|leben|живу|живе|живет|живем|живемо|жити|мешкаю|мешкає|місто|місті|\
    город|городе|переїхав|переїхала|переехал|переехала";

/// Something that was said, or a fact.
#[derive(Clone, Copy, Debug)]
pub struct Note<'a> {
    /// Who said it; `None` for a fact that nobody's words stand for.
    pub speaker: Option<&'a str>,
    /// When.
    pub at: DateTime<Utc>,
    /// The words.
    pub text: &'a str,
}

/// One sentence of a note.
#[derive(Clone, Debug)]
pub(crate) struct Sentence<'a> {
    pub(crate) speaker: Option<&'a str>,
    pub(crate) at: DateTime<Utc>,
    pub(crate) text: &'a str,
    terms: Vec<Term>,
    /// Its speaker's name.
    name: Vec<Term>,
    of_speaker: bool,
    of_all: bool,
    singles: Vec<Single>,
}

/// What was found.
pub(crate) struct Found<'a> {
    pub(crate) sentences: Vec<&'a Sentence<'a>>,
    /// They only touch on the question; none answers it.
    pub(crate) unsure: bool,
}

/// A question, as far as it is understood.
pub(crate) struct Question {
    /// With their weights, from 0 to 1.
    terms: Vec<(Term, f32)>,
    /// Names: what is said of others does not answer.
    required: Vec<Term>,
    of_speaker: bool,
    pub(crate) of_bot: bool,
    single: Option<Single>,
}

/// The sentences that tell something, oldest first.
pub(crate) fn told<'a>(notes: &[Note<'a>]) -> Vec<Sentence<'a>> {
    let mut notes = notes.to_vec();
    notes.sort_by_key(|note| note.at);
    notes.iter().flat_map(sentences_of).collect()
}

fn sentences_of<'a>(note: &Note<'a>) -> impl Iterator<Item = Sentence<'a>> {
    let Note { speaker, at, text } = *note;
    let name = terms(&words(speaker.unwrap_or_default()));
    sentences(text).filter(|text| !asks(text) && !text.starts_with('/')).map(move |text| {
        let words = words(text);
        let singles = of_sentence(text).into_iter().filter_map(|statement| statement.single).collect();
        Sentence {
            speaker,
            at,
            text,
            terms: terms(&words),
            name: name.clone(),
            of_speaker: has_any(&words, OF_SPEAKER),
            of_all: has_any(&words, OF_ALL),
            singles,
        }
    })
}

impl Question {
    pub(crate) fn read(sentence: &str) -> Self {
        let words = words(sentence);
        let telling = |list| words.iter().any(|word| is_cue(word, list));
        let own = words.iter().filter(|word| !is_cue(word, NAMES) && !is_cue(word, HOMES));
        let strong = terms(&own.cloned().collect::<Vec<_>>());
        let weak = terms(&words).into_iter().filter(|term| !strong.contains(term)).map(|term| (term, CUE));
        let terms: Vec<_> = weak.chain(strong.iter().map(|term| (term.clone(), 1.0))).collect();
        // In German every noun has a capital.
        let german =
            has_any(&words, "wie|was|wo|wer|wann|welche|welcher|welches|ist|hat|bei|wem|warum|wohin");
        let names = words.iter().skip(1).filter(|word| !german && word.is_capital());
        let names = crate::words::terms(&names.cloned().collect::<Vec<_>>());
        let who_am_i = terms.is_empty() && has_any(&words, "who am i|wer bin ich|хто я|кто я");
        let name = (telling(NAMES) || who_am_i).then_some(Single::Name);
        let single = name.or_else(|| telling(HOMES).then_some(Single::Home));
        Self {
            required: names,
            of_speaker: has_any(&words, OF_SPEAKER),
            of_bot: has_any(&words, OF_BOT) && terms.is_empty(),
            // `Where does my brother live?` asks for nobody's own home.
            single: single.filter(|_| strong.len() <= 1),
            terms,
        }
    }

    fn strong(&self) -> impl Iterator<Item = &Term> {
        self.terms.iter().filter(|(_, weight)| *weight > CUE).map(|(term, _)| term)
    }

    /// Whether it is a person's own name or home that is wanted, and this sentence tells it.
    fn is_told_by(&self, sentence: &Sentence<'_>, asker: &str) -> bool {
        let tells = self.single.is_some_and(|single| sentence.singles.contains(&single));
        let of_whom = if self.of_speaker {
            sentence.speaker == Some(asker) && self.strong().next().is_none()
        } else {
            self.strong().next().is_some() && self.strong().all(|term| sentence.is_by(term))
        };
        tells && of_whom
    }

    /// How much of the question a sentence speaks of, from 0 to 1. `weights` are those of its terms.
    fn bearing(&self, sentence: &Sentence<'_>, asker: &str, weights: &[f32]) -> f32 {
        let of_another = self.of_speaker
            && sentence.of_speaker
            && !sentence.of_all
            && sentence.speaker.is_some_and(|speaker| speaker != asker);
        // `Where do I live?` is not answered by where a sister does, but by a fact that names the asker.
        let own_single = self.of_speaker && self.single.is_some() && self.strong().next().is_none();
        let names_asker =
            || sentence.speaker.is_none() && terms(&words(asker)).iter().any(|name| sentence.says(name));
        // That Taras said something does not make it an answer to where he lives.
        let only_by = !self.terms.iter().any(|(term, _)| sentence.says(term))
            && !self.terms.iter().all(|(term, _)| sentence.is_by(term));
        if of_another || only_by || (own_single && !names_asker()) {
            return 0.0;
        }
        let weighted = self.terms.iter().zip(weights);
        let covered: f32 =
            weighted.filter(|((term, _), _)| sentence.speaks_of(term)).map(|(_, weight)| weight).sum();
        let whole = weights.iter().sum::<f32>().max(f32::MIN_POSITIVE);
        let missing = self.required.iter().any(|name| !sentence.speaks_of(name));
        covered / whole * if missing { 0.4 } else { 1.0 }
    }
}

fn is_cue(word: &Word<'_>, list: &str) -> bool {
    list.split('|').any(|cue| cue == word.bare)
}

/// The sentences that bear on a question of the asker's, best first.
pub(crate) fn find<'a>(question: &Question, asker: &str, told: &'a [Sentence<'a>]) -> Found<'a> {
    if question.terms.is_empty() && question.single.is_none() {
        let own = told.iter().rev().filter(|sentence| sentence.speaker == Some(asker) && sentence.of_speaker);
        return Found { sentences: own.filter(|_| question.of_speaker).take(MOST).collect(), unsure: false };
    }
    if let Some(newest) = told.iter().rev().find(|sentence| question.is_told_by(sentence, asker)) {
        return Found { sentences: vec![newest], unsure: false };
    }
    let weights = weights(question, told);
    let mut scored: Vec<(f32, &Sentence<'_>)> = Vec::new();
    let mut unsure = true;
    for (order, sentence) in told.iter().enumerate() {
        let bearing = question.bearing(sentence, asker, &weights);
        if bearing >= TOUCHES {
            unsure &= bearing < ANSWERS;
            scored.push((bearing * (1.0 + 0.15 * small(order + 1) / small(told.len())), sentence));
        }
    }
    scored.sort_by(|one, other| other.0.total_cmp(&one.0));
    let most = if unsure { 1 } else { MOST };
    Found { sentences: selected(question, &scored, most), unsure }
}

/// The best one, and what speaks of something that it leaves out; all that bear as much on a question of one word.
fn selected<'a>(
    question: &Question,
    scored: &[(f32, &'a Sentence<'a>)],
    most: usize,
) -> Vec<&'a Sentence<'a>> {
    let mut found: Vec<&Sentence<'_>> = Vec::new();
    for (score, sentence) in scored {
        let adds = question
            .strong()
            .any(|term| sentence.speaks_of(term) && !found.iter().any(|found| found.speaks_of(term)));
        let equal = question.terms.len() == 1 && *score >= scored[0].0 * 0.8;
        let same = found
            .iter()
            .any(|other| other.text.contains(sentence.text) || sentence.text.contains(other.text));
        if found.is_empty() || (found.len() < most && !same && (adds || equal)) {
            found.push(sentence);
        }
    }
    found
}

/// So many sentences make one answer.
const MOST: usize = 5;

/// A term in every sentence weighs 1, one in none 2; cues weigh less.
fn weights(question: &Question, told: &[Sentence<'_>]) -> Vec<f32> {
    let all = small(told.len() + 1);
    let weight = |(term, weight): &(Term, f32)| {
        let having = told.iter().filter(|sentence| sentence.speaks_of(term)).count();
        weight * (1.0 + (all / small(having + 1)).ln() / (all + 1.0).ln())
    };
    question.terms.iter().map(weight).collect()
}

impl Sentence<'_> {
    fn speaks_of(&self, term: &Term) -> bool {
        self.says(term) || self.is_by(term)
    }

    fn says(&self, term: &Term) -> bool {
        self.terms.iter().any(|own| own.matches(term))
    }

    fn is_by(&self, term: &Term) -> bool {
        self.name.iter().any(|own| own.matches(term))
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of sentences in a prompt, far below what f32 holds exactly"
)]
const fn small(count: usize) -> f32 {
    count as f32
}
