//! The words that the offline model knows, by meaning, in four languages: the one table to add a word to.

/// How a word stands to a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Holds the sentence together; says nothing by itself. Compared as written.
    Grammar,
    /// Says what kind of answer is wanted, and weighs little beside content. Compared by its stem.
    Hint,
    /// Has this meaning. Compared by its stem.
    Content,
    /// Has a narrower one: `dog` for the meaning `Pet`.
    Narrower,
}

/// One line of the table.
pub(super) struct Row {
    pub(super) meaning: Meaning,
    pub(super) kind: Kind,
    /// By language, in the order of `Language::ALL`. `good_day` stands for the two words "good day".
    pub(super) words: [&'static str; 4],
    /// Meanings that a question about this one is answered with, too.
    pub(super) narrower: &'static [Meaning],
    /// Words of any language that have no meaning here but to be a kind of this one.
    pub(super) kinds: &'static str,
}

/// Meanings that a clause has.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct MeaningSet([u64; 3]);

impl MeaningSet {
    pub(super) const fn insert(&mut self, meaning: Meaning) {
        self.0[meaning as usize / 64] |= 1 << (meaning as usize % 64);
    }

    pub(super) const fn contains(&self, meaning: Meaning) -> bool {
        self.0[meaning as usize / 64] & (1 << (meaning as usize % 64)) != 0
    }
}

/// Makes the type of meanings and the table of their words out of one list, a line each:
/// `Meaning = "English" | "Ukrainian" | "Russian" | "German", wider than Others, kinds "words";`.
macro_rules! meanings {
    ($($kind:ident { $(
        $meaning:ident = $english:literal | $ukrainian:literal | $russian:literal | $german:literal
        $(, wider than $($narrower:ident)+)? $(, kinds $kinds:literal)?;
    )+ })+) => {
        /// What a word can mean.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(super) enum Meaning { $($($meaning,)+)+ }

        pub(super) const TABLE: &[Row] = &[$($(Row {
            meaning: Meaning::$meaning,
            kind: Kind::$kind,
            words: [$english, $ukrainian, $russian, $german],
            narrower: &[$($(Meaning::$narrower),+)?],
            kinds: concat!("" $(, $kinds)?),
        }),+),+];
    };
}

meanings! {
    Grammar {
        I = "i" | "я" | "я" | "ich";
        Me = "me myself" | "мене мені мною" | "меня мне мной" | "mich mir";
        My = "my mine"
            | "мій моя моє мої мого моєї моєму моїй моїм моїми моїх мою"
            | "мой моя моё мое мои моего моей моему моим моими моих мою"
            | "mein meine meiner meinem meinen meines";
        We = "we us" | "ми нас нам нами" | "мы нас нам нами" | "wir uns";
        Our = "our ours"
            | "наш наша наше наші нашого нашої нашій нашу нашим наших"
            | "наш наша наше наши нашего нашей нашу нашим наших"
            | "unser unsere unserer unserem unseren unseres";
        You = "you u"
            | "ти тебе тобі тобою ви вас вам"
            | "ты тебя тебе тобой вы вас вам"
            | "du dich dir euch";
        Your = "your yours"
            | "твій твоя твоє твої твого твоєї твоїй твою ваш ваша ваше ваші вашого вашої вашу"
            | "твой твоя твоё твое твои твоего твоей твою ваш ваша ваше ваши вашего вашей вашу"
            | "dein deine deiner deinem deinen deines euer eure";
        They = "he she it him her his hers its they them their theirs"
            | "він вона воно вони його її їх їй йому ним нею ними їхній"
            | "он она оно они его её ее их ей ему ним ней ними"
            | "er sie es ihn ihm ihr ihre ihren ihrem ihrer sein seine seinen seiner seinem";
        This = "this that these those there here one ones"
            | "це цей ця ці той та те ті то там тут цього цьому того тому"
            | "это этот эта эти тот та те то там тут здесь этого этому того"
            | "das dies diese dieser dieses dort da hier";
        Copula = "am is are was were be been being"
            | "є був була було були бути буде буду"
            | "есть был была было были быть будет буду"
            | "bin bist ist sind war warst waren gewesen wird werden";
        Auxiliary =
            "do does did has have had having can could will would shall should must may might let lets"
            | "можу може можна треба хай нехай б би"
            | "могу может можно надо нужно пусть бы"
            | "habe hast hat haben hatte hatten kann kannst können könnte muss soll sollte darf würde \
                  möchte";
        Negation = "not no never cannot none nobody nothing"
            | "не ні ніколи немає нема"
            | "не нет никогда"
            | "nicht kein keine keinen keiner keinem nie niemals";
        Longer = "anymore longer more any_more" | "більше" | "больше" | "mehr";
        Change = "now instead changed actually new currently postponed rescheduled cancelled canceled"
            | "тепер зараз замість новий нова нове нові нового нової нову насправді переніс перенесла перенесли перенесено \
                  скасували скасовано змінив змінила змінили"
            | "теперь сейчас вместо новый новая новое новые нового новой новую перенёс перенесла перенесли отменили \
                  изменил изменила изменили"
            | "jetzt nun inzwischen stattdessen neu neue neuer neues neuen verschoben verlegt abgesagt geändert";
        What = "what whats"
            | "що чого чим яка який яке які якого якої якій яку яким якими"
            | "что чего чем какая какой какое какие какого какую каким"
            | "was welche welcher welches welchen welchem";
        Which = "which" | "котрий котра котре" | "который которая которое" | "";
        Who = "who whom whose"
            | "хто кого кому ким чий чия чиє чиї"
            | "кто кого кому кем чей чья чье чьё чьи"
            | "wer wen wem wessen";
        Where = "where" | "де куди звідки" | "где куда откуда" | "wo wohin woher";
        Whence = "" | "звідки" | "откуда" | "woher";
        From = "from" | "з зі із" | "из с" | "aus";
        When = "when what_time what_date what_day"
            | "коли о_котрій котра_година"
            | "когда во_сколько"
            | "wann um_wieviel_uhr";
        How = "how" | "як" | "как" | "wie";
        HowMany = "how_many how_much how_long how_tall how_far"
            | "скільки"
            | "сколько"
            | "wieviel wieviele wie_viel wie_viele wie_lange";
        Why = "why" | "чому навіщо" | "почему зачем" | "warum wieso weshalb";
        Whether = "" | "чи хіба" | "ли разве" | "ob";
        Always = "always every usually often daily weekly" | "завжди щодня щотижня щороку зазвичай часто" | "всегда каждый каждую каждое обычно часто" | "immer jeden jede jedes täglich meistens oft";
        Because = "because since due" | "бо оскільки через" | "потому поскольку из-за" | "weil denn wegen";
        And = "and but or also plus while whereas"
            | "і й а але або та також"
            | "и а но или также"
            | "und aber oder auch sondern";
        PlaceTo = "in at to from near into on onto around by with inside outside"
            | "у в на до з із зі біля під коло поруч від"
            | "в во на до из с со около под рядом от"
            | "in nach bei aus am im an auf zu zum zur vom von neben";
        ByWay = "of for as about over after before until till since during per than like_a then if so \
                  because_of"
            | "про для за по при над між без після перед як аж щодо ніж якщо тоді щоб"
            | "о об обо про для за по при над между без после перед чем если тогда чтобы"
            | "über für als um vor ab gegen während ohne mit durch unter bis wenn dann";
        Article = "a an the some any" | "" | "" | "der die das den dem des ein eine einen einem einer eines";
        Filler =
            "really very just still only too quite again already even ever well ok okay yes yeah yep \
                  please maybe oh ah hey btw guess think sure today's of_course by_the_way last"
            | "дуже ще вже тільки лише також знову просто навіть так ок добре може мабуть ну от ось будь \
                  ласка власне до_речі останній який-небудь"
            | "очень ещё еще уже только лишь снова просто даже да ок хорошо может наверное ну вот \
                  пожалуйста кстати последний"
            | "sehr noch schon nur wieder einfach sogar ja ok gut vielleicht wohl bitte übrigens halt \
                  mal doch eben ganz so zuletzt";
        Vague = "want wants wanted thing things something anything everything stuff kind sort goes going \
                  get got say says said saying tell told talk talked mention mentioned happen happened \
                  do_you_know know knows remember remembers forgot forget best old older oldest young \
                  younger little big first next exactly"
            | "хочу хоче хотів хотіла хочемо щось нічого все всі казав казала каже казали говорив \
                  говорила говорили розповів розповіла розповідав розповідала розповідали знаєш знаєте \
                  знати знає пам'ятаєш пам'ятаєте пам'ятає сказав сказала старший старша молодший молодша \
                  маленький великий перший найкращий найкраща буває згадував згадувала"
            | "хочу хочет хотел хотела хотим что-то ничего все всё говорил говорила говорили сказал \
                  сказала рассказал рассказала рассказывал рассказывала рассказывали знаешь знаете знает \
                  помнишь помните помнит старший старшая младший младшая маленький большой первый лучший \
                  лучшая бывает упоминал упоминала"
            | "will etwas nichts alles alle sagen sagte gesagt erzählt erzählte erzählen geredet \
                  gesprochen weißt weiß wissen kennst erinnerst ältere älterer älteste jüngere jüngerer \
                  kleine kleiner kleines große großer erste beste bester gehen gehe geht gibt";
        Tell = "tell remind show give list"
            | "скажи скажіть розкажи розкажіть нагадай нагадайте підкажи"
            | "скажи скажите расскажи расскажите напомни напомните подскажи"
            | "sag sage erzähl erzähle erinnere nenne zeig";
        AskMemory = "do_you_know do_you_remember can_you_tell"
            | "пам'ятаєш пам'ятаєте знаєш знаєте"
            | "помнишь помните знаешь знаете"
            | "weißt kennst erinnerst";
        YesNo = "do does did am is are was were can could will would has"
            | ""
            | ""
            | "bin bist ist sind war habe hast hat kann kannst wird";
        Greeting = "hello hi hey hiya greetings good_morning good_evening good_afternoon good_day"
            | "привіт вітаю вітання здрастуй здрастуйте салют доброго_дня добрий_день добрий_ранок \
                  доброго_ранку добрий_вечір доброго_вечора"
            | "привет приветствую здравствуй здравствуйте добрый_день доброе_утро добрый_вечер"
            | "hallo hi moin servus guten_tag guten_morgen guten_abend grüß_gott";
        Thanks = "thanks thank thx thank_you"
            | "дякую спасибі вдячний вдячна"
            | "спасибо благодарю"
            | "danke dankeschön vielen_dank";
        Farewell = "bye goodbye see_you good_night"
            | "бувай бувайте па до_побачення на_добраніч добраніч"
            | "пока до_свидания спокойной_ночи"
            | "tschüss tschüs ciao auf_wiedersehen gute_nacht";
        Forget = "forget disregard" | "забудь забудьте" | "забудь забудьте" | "vergiss vergessen_sie";
    }
    Hint {
        Name = "name named called call nickname"
            | "звати звуть ім'я кличка прізвище називається назвали"
            | "звать зовут имя кличка фамилия называется назвали"
            | "heißen heißt heiße namens name genannt nennt nennen";
        Place = "place city town country street address district located"
            | "місце місто місті країна вулиця адреса район"
            | "место город страна улица адрес район"
            | "ort stadt land straße adresse stadtteil";
        Time = "date time day year month week hour"
            | "дата час день дня рік місяць тиждень година"
            | "дата время день дня год месяц неделя час"
            | "datum zeit tag jahr monat woche stunde";
        Amount = "number amount price cost"
            | "номер сума ціна кількість коштує"
            | "номер сумма цена количество стоит"
            | "nummer betrag preis kostet anzahl";
    }
    Content {
        Live = "live lives living lived reside home"
            | "живу живе жити жив жила живемо живуть мешкаю мешкає мешкати мешкав проживаю дім вдома"
            | "живу живет живёт жить жил жила живем живут проживаю проживает дом дома"
            | "wohne wohnt wohnen lebe lebt leben wohnort zuhause",
            wider than Move;
        Move = "move moved moving relocated relocate settled"
            | "переїхав переїхала переїхали переїжджаю переїзд переїду переїдемо переїжджаємо"
            | "переехал переехала переехали переезжаю переезд перееду переедем"
            | "ziehe zieht gezogen umgezogen umzug zog";
        Work = "work works working worked job profession occupation employed for_a_living career"
            | "працюю працює працювати працював працювала робота роботу роботі професія професією"
            | "работаю работает работать работал работала работа профессия"
            | "arbeite arbeitet arbeiten arbeitete gearbeitet beruf job beruflich arbeit",
            wider than Profession;
        Study = "study studies studying student learn learning learned learnt"
            | "вчуся вчиться вчитися навчаюся навчається вивчаю вивчає вивчати студент студентка вчу \
                  вчить"
            | "учусь учится учиться изучаю изучает учу учит студент студентка"
            | "studiere studiert studieren lerne lernt lernen student studentin studium";
        Born = "born birth native hometown"
            | "народився народилася народилась родом рідне"
            | "родился родилась родом родной"
            | "geboren geburt stamme stammt heimat heimatstadt";
        Birthday = "birthday bday"
            | "день_народження дня_народження народження уродини іменини"
            | "день_рождения дня_рождения рождения именины"
            | "geburtstag";
        Age = "old aged age years_old turned how_old"
            | "вік віком виповнилося виповнилось виповниться"
            | "возраст исполнилось исполнится"
            | "alt alter wie_alt";
        Like = "like likes liked love loves loved enjoy enjoys adore fond prefer prefers favour fan"
            | "люблю любить любити любив любила подобається подобаються подобалось обожнюю обожнює \
                  полюбляю полюбляє захоплююся"
            | "люблю любит любить любил любила нравится нравятся нравилось обожаю обожает увлекаюсь"
            | "mag magst mögen mochte liebe liebt lieben gern gerne gefällt gefallen schwärme",
            wider than Dislike Favourite;
        Dislike = "hate hates hated dislike dislikes detest cannot_stand not_stand not_like not_bear"
            | "ненавиджу ненавидить терпіти"
            | "ненавижу ненавидит терпеть"
            | "hasse hasst hassen ungern";
        Favourite = "favourite favorite"
            | "улюблений улюблена улюблене улюблені улюбленого улюблену улюбленою"
            | "любимый любимая любимое любимые любимого любимую"
            | "lieblings liebling";
        Have = "own owns owned" | "маю має мати мав мала" | "имею имеет иметь" | "besitze besitzt";
        Marry = "marry married marries wedding husband-to-be engaged bride groom"
            | "одружений одружена одружився одружилася одружуємося весілля заручини"
            | "женат замужем женился вышла свадьба помолвка"
            | "verheiratet heirate heiratet heiraten hochzeit verlobt";
        Wife = "wife" | "дружина дружини дружину дружиною" | "жена жены жену женой" | "frau ehefrau";
        Husband = "husband" | "чоловік чоловіка чоловіком" | "муж мужа мужем" | "mann ehemann";
        Partner = "partner boyfriend girlfriend fiance spouse"
            | "партнер хлопець хлопця дівчина партнерка наречений наречена"
            | "партнер парень парня девушка супруг супруга"
            | "partner partnerin freund freundin",
            wider than Wife Husband;
        Mother = "mother mom mum mama"
            | "мати мама матері маму мами"
            | "мать мама матери маму мамы"
            | "mutter mama mutti";
        Father = "father dad papa"
            | "батько тато батька тата татові"
            | "отец папа отца папы"
            | "vater papa vati";
        Brother = "brother bro" | "брат брата братові братом" | "брат брата брату братом" | "bruder";
        Sister = "sister sis"
            | "сестра сестри сестру сестрою сестрі"
            | "сестра сестры сестру сестрой сестре"
            | "schwester";
        Son = "son" | "син сина синові сином" | "сын сына сыну сыном" | "sohn";
        Daughter = "daughter"
            | "донька доньки доньку дочка дочки дочку"
            | "дочь дочка дочери дочку"
            | "tochter";
        Child = "child children kid kids baby"
            | "дитина дитини діти дітей дітьми малюк"
            | "ребёнок ребенок дети детей"
            | "kind kinder kindern baby",
            wider than Son Daughter;
        Grandmother = "grandmother grandma granny"
            | "бабуся бабусі бабусю"
            | "бабушка бабушки бабушку"
            | "großmutter oma";
        Grandfather = "grandfather grandpa" | "дідусь дідуся дід" | "дедушка дедушки дед" | "großvater opa";
        Aunt = "aunt auntie" | "тітка тітки" | "тётя тетя тети" | "tante";
        Uncle = "uncle" | "дядько дядька" | "дядя дяди" | "onkel";
        Friend = "friend friends buddy mate"
            | "друг друга подруга подруги друзі друзів приятель"
            | "друг друга подруга подруги друзья друзей приятель"
            | "freund freundin freunde kumpel";
        Colleague = "colleague coworker boss manager"
            | "колега колеги начальник начальниця керівник"
            | "коллега коллеги начальник начальница руководитель"
            | "kollege kollegin chef chefin";
        Neighbour = "neighbour neighbor"
            | "сусід сусідка сусіда"
            | "сосед соседка соседа"
            | "nachbar nachbarin";
        Cousin = "cousin"
            | "кузен кузина двоюрідний двоюрідна"
            | "кузен кузина двоюродный двоюродная"
            | "cousin cousine";
        Nephew = "nephew niece" | "племінник племінниця" | "племянник племянница" | "neffe nichte";
        Grandchild = "grandchild grandson granddaughter grandchildren"
            | "онук онука онуки"
            | "внук внучка внуки"
            | "enkel enkelin";
        InLaw = "mother-in-law father-in-law in-laws"
            | "теща тесть свекруха свекор"
            | "тёща тесть свекровь свёкор"
            | "schwiegermutter schwiegervater";
        Sibling = "sibling siblings" | "" | "" | "geschwister", wider than Brother Sister;
        Parent = "parent parents"
            | "батьки батьків"
            | "родители родителей"
            | "eltern",
            wider than Mother Father;
        Relative = "family relative relatives"
            | "родина родини сім'я сім'ї родич"
            | "семья семьи родственник"
            | "familie verwandte",
            wider than Wife Husband Mother Father Brother Sister Son Daughter Child Grandmother
                Grandfather Aunt Uncle Cousin Nephew Grandchild InLaw;
        Dog = "dog doggy puppy"
            | "пес пса песик собака собаки собаку цуценя"
            | "собака собаки собаку пёс пес щенок"
            | "hund hunde welpe";
        Cat = "cat kitten kitty"
            | "кіт кота котик кішка кішки кішку кошеня"
            | "кот кота котик кошка кошки кошку котёнок котенок"
            | "katze kater kätzchen";
        Pet = "pet pets animal animals"
            | "тварина тварини тваринка улюбленець"
            | "питомец питомца животное животные"
            | "haustier haustiere tier tiere",
            wider than Dog Cat,
            kinds "bird goldfish parrot hamster rabbit horse fish turtle папуга хом'як кролик кінь рибка \
                  черепаха попугай хомяк лошадь рыбка papagei kaninchen pferd fisch schildkröte \
                  wellensittich";
        Car = "car cars vehicle"
            | "машина машини машину авто автомобіль"
            | "машина машины машину авто автомобиль"
            | "auto wagen";
        House = "house flat apartment room"
            | "квартира квартири квартиру будинок кімната"
            | "квартира квартиры квартиру комната"
            | "haus wohnung zimmer";
        Phone = "phone telephone mobile cellphone cell phone_number"
            | "телефон телефону мобільний"
            | "телефон телефона мобильный"
            | "telefon handy handynummer telefonnummer mobil";
        Email = "email mail e-mail"
            | "пошта пошту імейл мейл"
            | "почта почту имейл мейл"
            | "email mail e-mail";
        Password = "password pin code" | "пароль пін код" | "пароль пин код" | "passwort kennwort pin code";
        Fear = "afraid scared fear fears terrified phobia"
            | "боюся боїться страх лякає"
            | "боюсь боится страх пугает"
            | "angst fürchte fürchtet";
        Goal = "dream dreams goal wish"
            | "мрію мріє мрія мета"
            | "мечтаю мечтает мечта цель"
            | "träume träumt traum ziel wunsch";
        Colour = "colour color colours colors"
            | "колір кольору кольори"
            | "цвет цвета"
            | "farbe farben",
            kinds "red blue green yellow black white orange purple pink brown grey gray turquoise червоний \
                  синій зелений жовтий чорний білий помаранчевий фіолетовий рожевий коричневий сірий \
                  блакитний красный синий зелёный жёлтый чёрный белый оранжевый фиолетовый розовый \
                  коричневый серый голубой rot blau grün gelb schwarz weiß orange lila rosa braun grau \
                  türkis";
        Food = "food dish meal eat eats eating ate cuisine"
            | "їжа їжу страва їсти їм їсть їв їла кухня"
            | "еда еду блюдо есть ем ест ел ела кухня"
            | "essen gericht esse isst aß speise küche",
            kinds "pizza sushi soup pasta salad cheese chocolate bread cake борщ вареники піца суші суп \
                  салат сир шоколад хліб торт пельмени пицца суши сыр хлеб schnitzel suppe salat käse \
                  schokolade brot kuchen";
        Drink = "drink drinks drinking drank beverage"
            | "напій пити п'ю п'є пив пила"
            | "напиток пить пью пьёт пьет пил пила"
            | "getränk trinke trinkt trinken trank",
            kinds "coffee tea beer wine juice water milk lemonade cocoa кава каву чай пиво вино сік вода \
                  молоко какао кофе сок kaffee tee bier wein saft wasser milch kakao";
        Allergy = "allergy allergic allergies intolerant"
            | "алергія алергію алергії"
            | "аллергия аллергию аллергии"
            | "allergie allergisch";
        Vegetarian = "vegetarian vegan vegetarians"
            | "вегетаріанець вегетаріанка веган веганка"
            | "вегетарианец вегетарианка веган веганка"
            | "vegetarier vegetarierin veganer vegan vegetarisch";
        Hobby = "hobby hobbies interest interests pastime free_time spare_time"
            | "хобі захоплення вільний_час дозвілля"
            | "хобби увлечение свободное_время"
            | "hobby hobbys freizeit interessen",
            wider than Collect Play Sport,
            kinds "paint draw dance sing hike knit photography chess cook малюю малюю танцюю співаю шахи \
                  в'яжу рисую танцую пою шахматы вяжу male tanze singe schach stricke wandern koche";
        Collect = "collect collects collecting collection"
            | "збираю колекціоную колекціонує колекція"
            | "собираю коллекционирую коллекционирует коллекция"
            | "sammle sammelt sammlung";
        Sport = "sport sports exercise training gym"
            | "спорт спорту спортом тренування"
            | "спорт спорта спортом тренировка"
            | "sport training",
            kinds "football soccer tennis swim swimming run running basketball volleyball yoga climbing \
                  cycling hockey boxing футбол теніс плавання плаваю біг бігаю баскетбол волейбол йога \
                  бокс теннис плавание плаваю бег бегаю fußball schwimmen schwimme laufen handball \
                  klettern";
        Play = "play plays playing played"
            | "граю грає грати грав грала"
            | "играю играет играть играл играла"
            | "spiele spielt spielen spielte gespielt";
        Instrument = "instrument instruments"
            | "інструмент інструменті"
            | "инструмент инструменте"
            | "instrument",
            kinds "guitar piano violin drums flute cello accordion saxophone гітара піаніно скрипка барабани \
                  флейта бандура гитара пианино скрипка барабаны gitarre klavier geige schlagzeug flöte \
                  cello";
        Music = "music band song genre"
            | "музика музику група пісня гурт"
            | "музыка музыку группа песня"
            | "musik band lied",
            kinds "jazz rock rap techno opera blues джаз рок реп опера метал";
        Book = "book books novel read reads reading author"
            | "книга книги книгу книжка роман читаю читає читати автор"
            | "книга книги книгу роман читаю читает читать автор"
            | "buch bücher roman lese liest lesen autor";
        Film = "film films movie movies series watch watching"
            | "фільм фільми кіно серіал дивлюся"
            | "фильм фильмы кино сериал смотрю"
            | "film filme serie kino schaue";
        Language = "language languages speak speaks fluent"
            | "мова мови мову розмовляю володію"
            | "язык языка языки"
            | "sprache sprachen spreche spricht",
            kinds "english ukrainian german french spanish polish italian japanese англійська українська \
                  німецька французька іспанська польська английский украинский немецкий французский \
                  испанский польский englisch ukrainisch deutsch französisch spanisch polnisch";
        Buy = "buy bought buying purchase purchased"
            | "купив купила купую купити купили"
            | "купил купила куплю купить купили покупаю"
            | "kaufe kauft kaufen kaufte gekauft";
        Sell = "sell sold selling"
            | "продав продала продаю продати"
            | "продал продала продаю продать"
            | "verkaufe verkauft verkaufen";
        Meeting = "meeting meet meets met meetup appointment call_with"
            | "зустріч зустрічі зустрічаюся зустрічаємося зустрінемося нарада наради"
            | "встреча встречи встречаюсь встречаемся встретимся совещание"
            | "treffen treffe treffe_mich termin besprechung meeting";
        Doctor = "doctor dentist physician clinic"
            | "лікар лікаря лікарю стоматолог дантист"
            | "врач врача врачу стоматолог дантист"
            | "arzt ärztin zahnarzt zahnärztin arzttermin";
        Travel = "travel go went gone trip journey fly flies flying flew flight holiday vacation tour"
            | "подорож подорожі поїздка поїздку лечу летимо летіти їду їдемо їхати поїду поїдемо \
                  відпустка відпустку"
            | "путешествие поездка поездку лечу летим лететь еду едем ехать поеду поедем отпуск отпуске"
            | "reise reisen fliege fliegen fliegt flug urlaub ausflug fahre fahren fährt",
            wider than Visit;
        Visit = "visit visits visiting visited guest guests"
            | "відвідаю відвідає гості гостях"
            | "посещу посетит гости гостях"
            | "besuche besucht besuchen besuch";
        Train = "train trains railway" | "потяг потягу поїзд поїзда" | "поезд поезда" | "zug zugs bahn";
        Exam = "exam exams test examination"
            | "іспит іспиту екзамен тест"
            | "экзамен экзамена тест"
            | "prüfung klausur examen";
        Party = "party celebrate celebration concert festival dinner lunch breakfast"
            | "вечірка свято святкуємо концерт фестиваль вечеря обід"
            | "вечеринка праздник праздную концерт фестиваль ужин обед"
            | "feier party feiern konzert fest abendessen mittagessen";
        Deadline = "deadline due submission release launch"
            | "дедлайн термін здати реліз запуск"
            | "дедлайн срок сдать релиз запуск"
            | "frist abgabe abgabetermin deadline";
        Plan = "plan plans planning planned intend going_to"
            | "планую плануємо план плани збираюся збираємося"
            | "планирую планируем план планы собираюсь собираемся"
            | "plane planen plan pläne vorhabe";
        Event = ""
            | "подія"
            | "событие"
            | "ereignis",
            wider than Meeting Doctor Travel Exam Party Deadline Marry Birthday Plan Move Train;
        Decide = "decide decided decision choose chose chosen agree agreed agreement"
            | "вирішив вирішила вирішили обрали рішення домовилися домовились погодили"
            | "решил решила решили выбрали решение договорились согласовали"
            | "entschieden entscheiden gewählt beschlossen entscheidung vereinbart einigten";
        Teach = "teach teaches taught teacher"
            | "викладаю викладає вчитель вчителька викладач"
            | "преподаю преподает учитель учительница преподаватель"
            | "unterrichte unterrichtet lehrer lehrerin";
        Nationality = ""
            | ""
            | ""
            | "",
            kinds "ukrainian german russian english american british polish french italian spanish canadian \
                  irish scottish dutch swedish turkish greek japanese chinese indian catholic українець \
                  українка українець росіянин німець поляк українкою украинец украинка русский русская \
                  немец";
        Profession = ""
            | ""
            | ""
            | "",
            wider than Doctor Teach,
            kinds "nurse engineer designer lawyer driver programmer developer accountant writer artist \
                  journalist chef cook pilot electrician plumber architect student медсестра інженер \
                  інженерка дизайнер дизайнерка юрист водій програміст програмістка бухгалтер бухгалтерка \
                  художник журналіст журналістка кухар пілот архітектор архітекторка медсестра инженер \
                  юрист водитель программист бухгалтер журналист повар krankenschwester ingenieur \
                  ingenieurin anwalt anwältin fahrer programmierer programmiererin buchhalter buchhalterin \
                  journalist journalistin koch köchin pilot architekt architektin bäcker bäckerin";
        Monday = "monday" | "понеділок понеділка" | "понедельник понедельника" | "montag montags";
        Tuesday = "tuesday" | "вівторок вівторка" | "вторник вторника" | "dienstag";
        Wednesday = "wednesday" | "середа середу середи" | "среда среду среды" | "mittwoch";
        Thursday = "thursday" | "четвер четверга" | "четверг четверга" | "donnerstag";
        Friday = "friday" | "п'ятниця п'ятницю п'ятниці" | "пятница пятницу пятницы" | "freitag";
        Saturday = "saturday" | "субота суботу суботи" | "суббота субботу субботы" | "samstag sonnabend";
        Sunday = "sunday" | "неділя неділю неділі" | "воскресенье воскресенья" | "sonntag";
        January = "january" | "січень січня" | "январь января" | "januar";
        February = "february" | "лютий лютого" | "февраль февраля" | "februar";
        March = "march" | "березень березня" | "март марта" | "märz";
        April = "april" | "квітень квітня" | "апрель апреля" | "april";
        May = "may" | "травень травня" | "май мая" | "mai";
        June = "june" | "червень червня" | "июнь июня" | "juni";
        July = "july" | "липень липня" | "июль июля" | "juli";
        August = "august" | "серпень серпня" | "август августа" | "august";
        September = "september" | "вересень вересня" | "сентябрь сентября" | "september";
        October = "october" | "жовтень жовтня" | "октябрь октября" | "oktober";
        November = "november" | "листопад листопада" | "ноябрь ноября" | "november";
        December = "december" | "грудень грудня" | "декабрь декабря" | "dezember";
        Soon = "tomorrow tonight today yesterday next_week next_month next_year next_monday weekend \
                  morning evening noon afternoon midnight"
            | "завтра сьогодні вчора післязавтра ввечері вранці тижня місяця вихідні вихідних"
            | "завтра сегодня вчера послезавтра вечером утром неделе месяце выходные выходных"
            | "morgen heute gestern übermorgen abends abend nächste_woche nächsten_monat wochenende \
                  mittags";
        Season = ""
            | ""
            | ""
            | "",
            kinds "summer winter spring autumn літо літі зима зими весна весни осінь восени влітку взимку \
                  навесні лето летом зима зимой весна весной осень осенью sommer winter frühling herbst";
        Moment = ""
            | ""
            | ""
            | "",
            wider than Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March
                April May June July August September October November December Soon Season,
            kinds "clock o'clock uhr pm";
        Number = ""
            | ""
            | ""
            | "",
            kinds "one two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty \
                  hundred thousand один одна два дві три чотири п'ять шість сім вісім дев'ять десять \
                  двадцять тридцять сорок сто двоє троє одна две четыре пять шесть семь восемь девять \
                  двадцать двое трое eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf \
                  zwanzig dreißig hundert";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_meaning_fits_into_a_set() {
        let mut set = MeaningSet::default();
        for row in TABLE {
            assert!(!set.contains(row.meaning));
            set.insert(row.meaning);
            assert!(set.contains(row.meaning));
        }
    }
}
