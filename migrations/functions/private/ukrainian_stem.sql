-- PostgreSQL has no stemmer for Ukrainian. By rules instead: the longest ending that leaves three letters goes, then a last `ов`; then
-- what inflection changes at a word's end is made the same (ніч and ночі, Київ and Києві, подруга and подрузі, дочка and дочці).
-- Endings by their lengths instead of by patterns: comparing a word's end is five times as fast as matching it.
create or replace function private.ukrainian_stem(word text) returns text
language plpgsql immutable strict parallel safe set search_path = '' as $$
declare
    spare integer;
begin
    if pg_catalog.right(word, 2) in ('ся', 'сь') and pg_catalog.length(word) > 4 then
        word := pg_catalog.left(word, -2);
    end if;
    spare := pg_catalog.length(word) - 3;
    word := pg_catalog.left(word, 3 + spare - case
        when spare < 1 then 0
        when spare > 6 and pg_catalog.right(word, 7) in ('уватиму', 'юватиму') then 7
        when spare > 4 and pg_catalog.right(word, 5) in ('увати', 'ювати', 'ували', 'ювали', 'увала', 'ювала', 'ннями') then 5
        when spare > 3 and pg_catalog.right(word, 4) = any (
            '{ував,ював,уємо,юємо,уєте,юєте,ують,юють,ають,яють,аємо,яємо,лять,нням,ннях,ього,його,ьому,йому}') then 4
        when spare > 2 and pg_catalog.right(word, 3) = any (
            '{уєш,юєш,ати,яти,ити,іти,ала,яла,ила,іла,али,яли,или,іли,ало,яло,ило,іло,аєш,яєш,ать,ять,ить,имо,ите,'
            'ння,нні,нню,ами,ями,еві,єві,ові,ого,ому,ими,іми,їми}') then 3
        when spare > 1 and pg_catalog.right(word, 2) = any (
            '{ує,ює,ав,яв,ив,ає,яє,иш,лю,ах,ях,ам,ям,ом,ем,єм,ою,ею,єю,ій,ої,ую,юю,аю,яю,их,іх,їх,им,ім,їм,ий}') then 2
        when pg_catalog.right(word, 1) = any ('{а,е,є,и,і,ї,о,у,ю,я,ь,й}') then 1
        else 0 end);
    if pg_catalog.right(word, 2) in ('ов', 'ев', 'єв', 'ів', 'їв') and pg_catalog.length(word) > 4 then
        word := pg_catalog.left(word, -2);
    end if;
    if pg_catalog.length(word) > 1 and pg_catalog.left(pg_catalog.right(word, 2), 1) in ('і', 'ї', 'е', 'є')
        and pg_catalog.right(word, 1) = any ('{б,в,г,ґ,д,ж,з,к,л,м,н,п,р,с,т,ф,х,ц,ч,ш,щ}') then
        word := pg_catalog.left(word, -2) || 'о' || pg_catalog.right(word, 1);
    end if;
    return pg_catalog.left(word, -1) || pg_catalog.translate(pg_catalog.right(word, 1), 'ґжзцч', 'гггкк');
end $$;
