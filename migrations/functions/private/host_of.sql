-- The host name in a server's address. Where it is written in another way than the program writes it, the worst is that somebody is asked once
-- more: whether a chat has agreed is decided by the program, by the host that it connects to.
create or replace function private.host_of(p_base_url text)
returns text
language sql
immutable
set search_path = ''
as $$
    select lower(substring(p_base_url from '^https?://(\[[^\]]*\]|[^/:@]+)'));
$$;
