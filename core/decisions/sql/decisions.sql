-- Reasons. Appends verdicts of a chain of checks: a JSON array of {check, verdict, reason, inputs} in order.
create or replace function decisions_record(p_kind text, p_subject text, p_verdicts jsonb) returns void
language sql as $$
    insert into decisions (subject_kind, subject_id, sequence, check_name, verdict, reason, inputs)
    select p_kind, p_subject, (place - 1)::integer, one ->> 'check', one ->> 'verdict', coalesce(one ->> 'reason', ''), one -> 'inputs'
    from jsonb_array_elements(p_verdicts) with ordinality as listed (one, place);
$$;
