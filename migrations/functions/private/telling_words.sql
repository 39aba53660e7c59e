-- A text's words as they stand, with their places, without those that are in every sentence, and what language it is in: by its letters, and
-- between English and German by whose common words take more out of it. A Cyrillic text without a letter that only Ukrainian or only
-- Russian has is taken for both. A text that is plain ASCII is not looked through for letters that it cannot have, nor read as German
-- without a German word.
create or replace function private.telling_words(inout content text, out words tsvector, out is_german boolean, out is_ukrainian boolean,
                                      out is_russian boolean)
language plpgsql immutable strict parallel safe set search_path = '' as $$
declare
    is_ascii constant boolean := pg_catalog.octet_length(content) = pg_catalog.length(content);
    german tsvector;
begin
    is_german := false;
    is_ukrainian := not is_ascii and content ~ '[іїєґІЇЄҐ]';
    is_russian := not is_ascii and content ~ '[ыэъёЫЭЪЁ]';
    if not is_ascii and not is_ukrainian and not is_russian and content ~ '[а-яА-Я]' then
        is_ukrainian := true;
        is_russian := true;
    end if;
    if is_ukrainian then
        -- It writes an apostrophe within words, of many shapes.
        content := pg_catalog.translate(content, '''’ʼ`', '');
        words := pg_catalog.ts_delete(
            case when is_russian then pg_catalog.to_tsvector('private.russian_words', content)
                 else pg_catalog.to_tsvector('pg_catalog.simple', content) end,
            '{а,аби,або,адже,але,б,без,би,був,буде,буду,будуть,була,були,було,бути,в,вам,вас,ваш,ваша,ваше,ваші,вже,ви,від,він,вона,вони,воно,
              все,всі,всіх,вся,до,з,за,зі,із,й,його,йому,коли,кого,кому,ким,куди,лише,мав,має,мати,мене,мені,ми,мій,моє,мої,моя,мого,моєї,
              моїй,моєму,може,можна,на,над,навіть,нам,нас,наш,наша,наше,наші,не,нею,неї,нема,немає,ні,ним,них,ну,о,от,по,при,про,під,після,
              саме,свій,своє,свої,своя,себе,собі,та,так,така,таке,такий,такі,там,те,тебе,тепер,ти,тим,тих,то,тобі,того,той,тому,тут,ту,у,
              хоч,хто,це,цей,цього,цьому,ця,цю,ці,чи,чим,чого,чому,ще,що,щоб,щось,як,яка,яке,який,які,якого,якій,якщо,яку,є,і,ї,її,їй,їм,
              їх,де,твій,твоя,твоє,твої,дуже,теж,також,бо}'::text[]);
    elsif is_russian then
        words := pg_catalog.to_tsvector('private.russian_words', content);
    else
        words := pg_catalog.to_tsvector('private.english_words', content);
        -- What stays of an ASCII text in either language differs by the common words that German has and English has not.
        if not is_ascii or '{"aber":0,"alle":0,"allem":0,"allen":0,"aller":0,"alles":0,"als":0,"also":0,"ander":0,"andere":0,"anderem":0,
            "anderen":0,"anderer":0,"anderes":0,"anderm":0,"andern":0,"anderr":0,"anders":0,"auch":0,"auf":0,"aus":0,
            "bei":0,"bin":0,"bis":0,"bist":0,"da":0,"damit":0,"dann":0,"das":0,"dasselbe":0,"dazu":0,"dein":0,
            "deine":0,"deinem":0,"deinen":0,"deiner":0,"deines":0,"dem":0,"demselben":0,"den":0,"denn":0,"denselben":0,
            "der":0,"derer":0,"derselbe":0,"derselben":0,"des":0,"desselben":0,"dessen":0,"dich":0,"die":0,"dies":0,
            "diese":0,"dieselbe":0,"dieselben":0,"diesem":0,"diesen":0,"dieser":0,"dieses":0,"dir":0,"doch":0,"dort":0,
            "du":0,"durch":0,"ein":0,"eine":0,"einem":0,"einen":0,"einer":0,"eines":0,"einig":0,"einige":0,"einigem":0,
            "einigen":0,"einiger":0,"einiges":0,"einmal":0,"er":0,"es":0,"etwas":0,"euch":0,"euer":0,"eure":0,"eurem":0,
            "euren":0,"eurer":0,"eures":0,"gegen":0,"gewesen":0,"hab":0,"habe":0,"haben":0,"hat":0,"hatte":0,"hatten":0,
            "hier":0,"hin":0,"hinter":0,"ich":0,"ihm":0,"ihn":0,"ihnen":0,"ihr":0,"ihre":0,"ihrem":0,"ihren":0,
            "ihrer":0,"ihres":0,"im":0,"indem":0,"ins":0,"ist":0,"jede":0,"jedem":0,"jeden":0,"jeder":0,"jedes":0,
            "jene":0,"jenem":0,"jenen":0,"jener":0,"jenes":0,"jetzt":0,"kann":0,"kein":0,"keine":0,"keinem":0,
            "keinen":0,"keiner":0,"keines":0,"machen":0,"man":0,"manche":0,"manchem":0,"manchen":0,"mancher":0,
            "manches":0,"mein":0,"meine":0,"meinem":0,"meinen":0,"meiner":0,"meines":0,"mich":0,"mir":0,"mit":0,
            "muss":0,"musste":0,"nach":0,"nicht":0,"nichts":0,"noch":0,"nun":0,"nur":0,"ob":0,"oder":0,"ohne":0,
            "sehr":0,"sein":0,"seine":0,"seinem":0,"seinen":0,"seiner":0,"seines":0,"selbst":0,"sich":0,"sie":0,
            "sind":0,"solche":0,"solchem":0,"solchen":0,"solcher":0,"solches":0,"soll":0,"sollte":0,"sondern":0,
            "sonst":0,"um":0,"und":0,"uns":0,"unse":0,"unsem":0,"unsen":0,"unser":0,"unses":0,"unter":0,"viel":0,
            "vom":0,"von":0,"vor":0,"war":0,"waren":0,"warst":0,"weg":0,"weil":0,"weiter":0,"welche":0,"welchem":0,
            "welchen":0,"welcher":0,"welches":0,"wenn":0,"werde":0,"werden":0,"wie":0,"wieder":0,"wir":0,"wird":0,
            "wirst":0,"wo":0,"wollen":0,"wollte":0,"zu":0,"zum":0,"zur":0,"zwar":0,"zwischen":0}'::jsonb operator(pg_catalog.?|) pg_catalog.tsvector_to_array(words) then
            german := pg_catalog.to_tsvector('private.german_words', content);
            is_german := pg_catalog.length(german) < pg_catalog.length(words)
                or not is_ascii and pg_catalog.length(german) = pg_catalog.length(words) and content ~ '[äöüßÄÖÜ]';
        end if;
        if is_german then
            words := german;
        end if;
    end if;
end $$;
