-- Whether this is the registration's code: right, wrong, closed (five wrong ones), late.
create or replace function private.try_code(p_registration uuid, p_code_hash bytea, p_now timestamptz)
returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_row public.registrations;
begin
    select * into v_row from public.registrations r where r.id = p_registration for update;
    if v_row.id is null or v_row.expires_at <= p_now or v_row.code_hash is null then
        return 'late';
    elsif v_row.wrong_codes >= 5 then
        return 'closed';
    elsif v_row.code_hash = p_code_hash then
        return 'right';
    end if;
    update public.registrations r set wrong_codes = r.wrong_codes + 1 where r.id = p_registration;
    return case when v_row.wrong_codes >= 4 then 'closed' else 'wrong' end;
end;
$$;
