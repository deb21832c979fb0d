SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.acronyms (
    document_id character varying NOT NULL,
    short character varying NOT NULL,
    long character varying NOT NULL
);
CREATE TABLE public.corrections (
    document_id character varying NOT NULL,
    sentence text NOT NULL,
    text text NOT NULL,
    ordinal integer NOT NULL,
    by character varying NOT NULL,
    at timestamp with time zone NOT NULL,
    title text,
    kind character varying,
    start date,
    "end" date,
    status character varying,
    no_event boolean NOT NULL,
    revision integer NOT NULL
);
CREATE TABLE public.digests (
    key character varying NOT NULL,
    channel character varying NOT NULL,
    day character varying NOT NULL,
    ts character varying,
    knew text
);
CREATE TABLE public.documents (
    id character varying NOT NULL,
    version integer NOT NULL,
    source character varying NOT NULL,
    title text NOT NULL,
    symbol character varying,
    date date,
    date_inferred boolean NOT NULL,
    language character varying NOT NULL,
    content_hash character varying NOT NULL,
    ingested_at timestamp with time zone NOT NULL,
    found json,
    notes json,
    root text NOT NULL,
    live boolean NOT NULL,
    audience character varying DEFAULT 'everybody'::character varying NOT NULL
);
CREATE TABLE public.event_origins (
    document_id character varying NOT NULL,
    rules character varying NOT NULL,
    labeller character varying,
    to_rules integer NOT NULL
);
CREATE TABLE public.events (
    pk integer NOT NULL,
    id character varying NOT NULL,
    chain_id character varying NOT NULL,
    document_id character varying NOT NULL,
    version integer NOT NULL,
    title text NOT NULL,
    kind character varying NOT NULL,
    location text,
    mentions json NOT NULL
);
CREATE SEQUENCE public.events_pk_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.events_pk_seq OWNED BY public.events.pk;
CREATE TABLE public.holdings (
    document_id character varying NOT NULL,
    version integer NOT NULL,
    section_id character varying NOT NULL,
    "position" integer NOT NULL
);
CREATE TABLE public.jobs (
    kind character varying NOT NULL,
    key character varying NOT NULL,
    holder character varying,
    term integer NOT NULL,
    expires_at double precision NOT NULL,
    created_at double precision NOT NULL,
    failures integer NOT NULL,
    done boolean NOT NULL
);
CREATE TABLE public.labels (
    key character varying NOT NULL,
    section_id character varying NOT NULL,
    labels json NOT NULL
);
CREATE TABLE public.meta (
    key character varying NOT NULL,
    value character varying NOT NULL
);
CREATE TABLE public.passages (
    pk integer NOT NULL,
    section_id character varying NOT NULL,
    kind character varying NOT NULL,
    start integer NOT NULL,
    "end" integer NOT NULL,
    key character varying NOT NULL
);
CREATE SEQUENCE public.passages_pk_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.passages_pk_seq OWNED BY public.passages.pk;
CREATE TABLE public.questions (
    key character varying NOT NULL,
    team character varying NOT NULL,
    channel character varying NOT NULL,
    ts character varying NOT NULL,
    thread character varying NOT NULL,
    "user" character varying NOT NULL,
    text text NOT NULL,
    sending boolean NOT NULL,
    outcome character varying,
    reply text,
    reply_ts character varying,
    reference character varying
);
CREATE TABLE public.section_text (
    "row" integer NOT NULL,
    audience character varying NOT NULL,
    length integer NOT NULL,
    terms tsvector NOT NULL
);
CREATE TABLE public.sections (
    pk integer NOT NULL,
    id character varying NOT NULL,
    document_id character varying NOT NULL,
    number character varying NOT NULL,
    ordinal integer NOT NULL,
    "position" integer NOT NULL,
    heading text NOT NULL,
    text text NOT NULL,
    raw text NOT NULL,
    offsets json NOT NULL,
    page integer,
    live boolean NOT NULL,
    audience character varying DEFAULT 'everybody'::character varying NOT NULL
);
CREATE SEQUENCE public.sections_pk_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.sections_pk_seq OWNED BY public.sections.pk;
CREATE TABLE public.segments (
    name character varying NOT NULL,
    size integer NOT NULL,
    live boolean NOT NULL,
    retired_at double precision,
    audience character varying DEFAULT 'everybody'::character varying NOT NULL
);
CREATE TABLE public.text_frequencies (
    kind character varying NOT NULL,
    audience character varying NOT NULL,
    term character varying NOT NULL,
    rows integer NOT NULL,
    occurrences integer NOT NULL
);
CREATE TABLE public.uploads (
    key character varying NOT NULL,
    team character varying NOT NULL,
    channel character varying NOT NULL,
    ts character varying NOT NULL,
    thread character varying NOT NULL,
    "user" character varying NOT NULL,
    text text NOT NULL,
    files text NOT NULL,
    response_url text NOT NULL,
    given_ts character varying NOT NULL,
    status_channel character varying,
    status_ts character varying
);
CREATE TABLE public.vectors (
    key character varying NOT NULL,
    vector bytea NOT NULL,
    segment character varying
);
CREATE TABLE public.window_text (
    "row" integer NOT NULL,
    audience character varying NOT NULL,
    length integer NOT NULL,
    terms tsvector NOT NULL
);
ALTER TABLE ONLY public.events ALTER COLUMN pk SET DEFAULT nextval('public.events_pk_seq'::regclass);
ALTER TABLE ONLY public.passages ALTER COLUMN pk SET DEFAULT nextval('public.passages_pk_seq'::regclass);
ALTER TABLE ONLY public.sections ALTER COLUMN pk SET DEFAULT nextval('public.sections_pk_seq'::regclass);
INSERT INTO public.acronyms VALUES ('forum.txt', 'gdc', 'global digital compact');
INSERT INTO public.corrections VALUES ('forum.txt', 'The Forum on Broadband will be held in Geneva from 14 to 18 July 2025.', '14 to 18 July 2025', 0, 'amina', '2026-11-26 07:15:39.035611+00', 'Broadband Forum', NULL, NULL, NULL, NULL, false, 6);
INSERT INTO public.digests VALUES ('C1/2025-05-01', 'C1', '2025-05-01', '4.0', '{"as_of": "2025-05-01"}');
INSERT INTO public.documents VALUES ('forum.txt', 1, 'forum.txt', 'forum', NULL, NULL, false, 'en', 'ca6632fcf56b35d4707ad6a0f161e8e2', '2026-11-26 07:15:37.240858+00', '{"title": "file name", "language": "text"}', '[]', '/tmp/itubot-servers/papers', false, 'everybody');
INSERT INTO public.documents VALUES ('forum.txt', 2, 'forum.txt', 'forum', NULL, NULL, false, 'en', 'e4ddd416587f9d7d55ab352b86b62d48', '2026-11-26 07:15:37.781894+00', '{"title": "file name", "language": "text"}', '[]', '/tmp/itubot-servers/papers', true, 'everybody');
INSERT INTO public.documents VALUES ('T1/C1:moon.txt', 1, 'moon.txt', 'moon', NULL, NULL, false, 'en', '4d2918fcaac3eecba2f673feac95315d', '2026-11-26 07:15:38.135885+00', '{"title": "file name", "language": "text"}', '[]', '/tmp/itubot-servers/papers', true, 'T1/C1');
INSERT INTO public.documents VALUES ('fair.txt', 1, 'fair.txt', '', NULL, NULL, false, 'en', '', '2026-11-26 07:15:38.573747+00', 'null', 'null', '/tmp/itubot-servers/papers', false, 'everybody');
INSERT INTO public.event_origins VALUES ('forum.txt', '2', NULL, 0);
INSERT INTO public.event_origins VALUES ('T1/C1:moon.txt', '2', NULL, 0);
INSERT INTO public.event_origins VALUES ('fair.txt', '2', NULL, 0);
INSERT INTO public.events VALUES (1, '95d9d3a7357b5c8748d504fd48f7e1b8', '8d0fbc0bc4054a629157eba801279775', 'forum.txt', 1, 'Forum on Broadband', 'meeting', 'Geneva', '[{"section_id": "a83a8f61071feeac970791fd3bd78590", "text": "7 to 11 July 2025", "start": "2025-07-07", "end": "2025-07-11", "precision": "day", "sentence_start": 0, "sentence_end": 69, "bound": "on", "approximate": false, "year_inferred": false, "recurrence": null, "time": null, "timezone": null, "cue": "planned", "tentative": false, "offset": 51}]');
INSERT INTO public.events VALUES (2, 'ddfc82ec45a451718c4d15e4b1c52de6', '8d0fbc0bc4054a629157eba801279775', 'forum.txt', 2, 'Forum on Broadband', 'meeting', 'Geneva', '[{"section_id": "94f73f18df4de9809fb5265c998c9c9a", "text": "14 to 18 July 2025", "start": "2025-07-14", "end": "2025-07-18", "precision": "day", "sentence_start": 0, "sentence_end": 70, "bound": "on", "approximate": false, "year_inferred": false, "recurrence": null, "time": null, "timezone": null, "cue": "planned", "tentative": false, "offset": 51}]');
INSERT INTO public.events VALUES (3, '76b616f58c719130eb644cd7a425a56c', '77a21a5c64ca42fa96f6eb6ffcc6056c', 'T1/C1:moon.txt', 1, 'Lunar Quiet Zone will be declared', 'milestone', NULL, '[{"section_id": "2772a4fd0d091ccfc19106f751ec30da", "text": "3 June 2025", "start": "2025-06-03", "end": "2025-06-03", "precision": "day", "sentence_start": 0, "sentence_end": 53, "bound": "on", "approximate": false, "year_inferred": false, "recurrence": null, "time": null, "timezone": null, "cue": "planned", "tentative": false, "offset": 41}]');
INSERT INTO public.events VALUES (4, '57ccf648ddb31113370eca257aaa77be', '1a07a24c49464710b9098b5638ab13c6', 'fair.txt', 1, '', 'meeting', NULL, '[{"section_id": "6cc84d6a98d0ebc7d4943f2e878dbf58", "text": "sha256:65d85a656ffa21b23a90990bd6c7c505", "start": "2025-07-07", "end": "2025-07-07", "precision": "day", "sentence_start": 0, "sentence_end": 52, "bound": "on", "approximate": false, "year_inferred": false, "recurrence": null, "time": null, "timezone": null, "cue": "planned", "tentative": false, "offset": 40}]');
INSERT INTO public.holdings VALUES ('forum.txt', 1, 'a83a8f61071feeac970791fd3bd78590', 0);
INSERT INTO public.holdings VALUES ('forum.txt', 1, '2489702c172d322a1ff78c055c8a72a8', 1);
INSERT INTO public.holdings VALUES ('forum.txt', 2, '94f73f18df4de9809fb5265c998c9c9a', 0);
INSERT INTO public.holdings VALUES ('forum.txt', 2, '2489702c172d322a1ff78c055c8a72a8', 1);
INSERT INTO public.holdings VALUES ('forum.txt', 2, '90ff4a560da7ecb4f1add249ea7c041d', 2);
INSERT INTO public.holdings VALUES ('T1/C1:moon.txt', 1, '2772a4fd0d091ccfc19106f751ec30da', 0);
INSERT INTO public.jobs VALUES ('question', 'T1/C1/1.0', NULL, 1, 1795677359.238225, 1795677339.18565, 0, true);
INSERT INTO public.jobs VALUES ('question', 'T1/C1/2.0', NULL, 1, 1795677359.262247, 1795677339.209996, 0, false);
INSERT INTO public.jobs VALUES ('event', 'Ev1', NULL, 1, 1795677339.274076, 1795677339.274087, 0, true);
INSERT INTO public.jobs VALUES ('upload', 'message/1', NULL, 1, 1795677359.45415, 1795677339.398417, 0, false);
INSERT INTO public.jobs VALUES ('digest', 'C1/2025-05-01', NULL, 1, 1795677359.554306, 1795677339.548104, 0, true);
INSERT INTO public.meta VALUES ('schema', '4');
INSERT INTO public.meta VALUES ('generation T1/C1', '1');
INSERT INTO public.meta VALUES ('model', 'hashing');
INSERT INTO public.meta VALUES ('rewrite', 'done');
INSERT INTO public.meta VALUES ('generation', '5');
INSERT INTO public.passages VALUES (1, 'a83a8f61071feeac970791fd3bd78590', 'window', 0, 69, '325a6e08f29df4865bf38b3976f53c14');
INSERT INTO public.passages VALUES (2, 'a83a8f61071feeac970791fd3bd78590', 'sentence', 0, 69, '325a6e08f29df4865bf38b3976f53c14');
INSERT INTO public.passages VALUES (3, '2489702c172d322a1ff78c055c8a72a8', 'window', 0, 58, '3d2ff49844a16677538b8d5bea8d46c2');
INSERT INTO public.passages VALUES (4, '2489702c172d322a1ff78c055c8a72a8', 'sentence', 0, 58, '3d2ff49844a16677538b8d5bea8d46c2');
INSERT INTO public.passages VALUES (5, '94f73f18df4de9809fb5265c998c9c9a', 'window', 0, 70, '7cf1ca6b6e1c2f325a1b066f1fc83106');
INSERT INTO public.passages VALUES (6, '94f73f18df4de9809fb5265c998c9c9a', 'sentence', 0, 70, '7cf1ca6b6e1c2f325a1b066f1fc83106');
INSERT INTO public.passages VALUES (7, '90ff4a560da7ecb4f1add249ea7c041d', 'window', 0, 27, 'c58c6418003e6c5066873a3d8241b119');
INSERT INTO public.passages VALUES (8, '90ff4a560da7ecb4f1add249ea7c041d', 'sentence', 0, 27, 'c58c6418003e6c5066873a3d8241b119');
INSERT INTO public.passages VALUES (9, '2772a4fd0d091ccfc19106f751ec30da', 'window', 0, 53, '5f250686581316ac2f7545353124bd65');
INSERT INTO public.passages VALUES (10, '2772a4fd0d091ccfc19106f751ec30da', 'sentence', 0, 53, '5f250686581316ac2f7545353124bd65');
INSERT INTO public.questions VALUES ('T1/C1/2.0', 'T1', 'C1', '2.0', '1.0', 'U1', 'Where?', false, NULL, NULL, NULL, NULL);
INSERT INTO public.questions VALUES ('T1/C1/1.0', 'T1', 'C1', '1.0', '1.0', 'U1', 'When?', false, 'answer', 'In July.', '1.5', NULL);
INSERT INTO public.section_text VALUES (2, 'everybody', 10, '''compact'':1 ''digit'':1 ''eighti'':1 ''forum'':1 ''four'':1 ''gdc'':1 ''global'':1 ''ha'':1 ''partner'':1 ''the'':1');
INSERT INTO public.section_text VALUES (3, 'everybody', 16, '''14'':1 ''18'':1 ''2025'':1 ''be'':1 ''broadband'':1 ''forum'':1,2 ''from'':1 ''geneva'':1 ''held'':1 ''in'':1 ''juli'':1 ''on'':1 ''the'':1 ''to'':1 ''will'':1');
INSERT INTO public.section_text VALUES (4, 'everybody', 7, '''at'':1 ''forum'':1 ''gate'':1 ''li'':1 ''stone'':1 ''the'':1,2');
INSERT INTO public.section_text VALUES (5, 'T1/C1', 11, '''2025'':1 ''3'':1 ''be'':1 ''declar'':1 ''june'':1 ''lunar'':1 ''on'':1 ''quiet'':1 ''the'':1 ''will'':1 ''zone'':1');
INSERT INTO public.sections VALUES (2, '2489702c172d322a1ff78c055c8a72a8', 'forum.txt', '1.2', 0, 1, 'Forum', 'The Global Digital Compact (GDC) has eighty-four partners.', 'The Global Digital Compact (GDC) has eighty-four partners.', '[[0, 0]]', NULL, true, 'everybody');
INSERT INTO public.sections VALUES (1, 'a83a8f61071feeac970791fd3bd78590', 'forum.txt', '1.1', 0, 0, 'Forum', 'The Forum on Broadband will be held in Geneva from 7 to 11 July 2025.', 'The Forum on Broadband will be held in Geneva from 7 to 11 July 2025.', '[[0, 0]]', NULL, false, 'everybody');
INSERT INTO public.sections VALUES (3, '94f73f18df4de9809fb5265c998c9c9a', 'forum.txt', '1.1', 0, 0, 'Forum', 'The Forum on Broadband will be held in Geneva from 14 to 18 July 2025.', 'The Forum on Broadband will be held in Geneva from 14 to 18 July 2025.', '[[0, 0]]', NULL, true, 'everybody');
INSERT INTO public.sections VALUES (4, '90ff4a560da7ecb4f1add249ea7c041d', 'forum.txt', '1.3', 0, 2, 'Forum', 'The stone lies at the gate.', 'The stone lies at the gate.', '[[0, 0]]', NULL, true, 'everybody');
INSERT INTO public.sections VALUES (5, '2772a4fd0d091ccfc19106f751ec30da', 'T1/C1:moon.txt', '1.1', 0, 0, '', 'The Lunar Quiet Zone will be declared on 3 June 2025.', 'The Lunar Quiet Zone will be declared on 3 June 2025.', '[[0, 0]]', NULL, true, 'T1/C1');
INSERT INTO public.segments VALUES ('itubot-b65ef3016e80423f9fb0755e93bd6ae3', 2, true, NULL, 'everybody');
INSERT INTO public.segments VALUES ('itubot-97f844d33bef4223a61d9eb4a3ecefdd', 2, true, NULL, 'everybody');
INSERT INTO public.segments VALUES ('itubot-c2404507ee3c436b8a1720777fe0841c', 1, true, NULL, 'T1/C1');
INSERT INTO public.segments VALUES ('itubot-2972d19902bf40b29213e0eb65b13e59', 1, true, NULL, 'everybody');
INSERT INTO public.text_frequencies VALUES ('section_text', 'everybody', 'global', 1, 0);
INSERT INTO public.text_frequencies VALUES ('section_text', 'everybody', 'digit', 1, 0);
INSERT INTO public.text_frequencies VALUES ('section_text', 'everybody', 'compact', 1, 0);
INSERT INTO public.text_frequencies VALUES ('section_text', 'everybody', 'gdc', 1, 0);
INSERT INTO public.text_frequencies VALUES ('section_text', 'everybody', 'ha', 1, 0);
INSERT INTO public.text_frequencies VALUES ('section_text', 'everybody', 'eighti', 1, 0);
INSERT INTO public.text_frequencies VALUES ('section_text', 'everybody', 'four', 1, 0);
INSERT INTO public.text_frequencies VALUES ('section_text', 'everybody', 'partner', 1, 0);
INSERT INTO public.text_frequencies VALUES ('window_text', 'everybody', 'global', 1, 0);
INSERT INTO public.text_frequencies VALUES ('window_text', 'everybody', 'digit', 1, 0);
INSERT INTO public.text_frequencies VALUES ('window_text', 'everybody', 'compact', 1, 0);
INSERT INTO public.text_frequencies VALUES ('window_text', 'everybody', 'gdc', 1, 0);
INSERT INTO public.text_frequencies VALUES ('window_text', 'everybody', 'ha', 1, 0);
INSERT INTO public.text_frequencies VALUES ('window_text', 'everybody', 'eighti', 1, 0);
INSERT INTO public.text_frequencies VALUES ('window_text', 'everybody', 'four', 1, 0);
INSERT INTO public.text_frequencies VALUES ('window_text', 'everybody', 'partner', 1, 0);
INSERT INTO public.text_frequencies VALUES ('section_text', 'T1/C1', '', 1, 11);
INSERT INTO public.text_frequencies VALUES ('window_text', 'everybody', '11', 0, 0);
INSERT INTO public.text_frequencies VALUES ('section_text', 'T1/C1', 'the', 1, 0);
INSERT INTO public.text_frequencies VALUES ('window_text', 'everybody', '', 3, 30);
INSERT INTO public.text_frequencies VALUES ('section_text', 'T1/C1', 'lunar', 1, 0);
INSERT INTO public.text_frequencies VALUES ('section_text', 'T1/C1', 'quiet', 1, 0);
INSERT INTO public.text_frequencies VALUES ('section_text', 'T1/C1', 'zone', 1, 0);
INSERT INTO public.text_frequencies VALUES ('section_text', 'T1/C1', 'will', 1, 0);
INSERT INTO public.text_frequencies VALUES ('section_text', 'T1/C1', 'be', 1, 0);
INSERT INTO public.text_frequencies VALUES ('section_text', 'T1/C1', 'declar', 1, 0);
INSERT INTO public.text_frequencies VALUES ('section_text', 'T1/C1', 'on', 1, 0);
INSERT INTO public.text_frequencies VALUES ('section_text', 'T1/C1', '3', 1, 0);
INSERT INTO public.text_frequencies VALUES ('section_text', 'T1/C1', 'june', 1, 0);
INSERT INTO public.text_frequencies VALUES ('section_text', 'T1/C1', '2025', 1, 0);
INSERT INTO public.text_frequencies VALUES ('window_text', 'T1/C1', '', 1, 11);
INSERT INTO public.text_frequencies VALUES ('window_text', 'T1/C1', 'the', 1, 0);
INSERT INTO public.text_frequencies VALUES ('window_text', 'T1/C1', 'lunar', 1, 0);
INSERT INTO public.text_frequencies VALUES ('section_text', 'everybody', '11', 0, 0);
INSERT INTO public.text_frequencies VALUES ('window_text', 'T1/C1', 'quiet', 1, 0);
INSERT INTO public.text_frequencies VALUES ('window_text', 'everybody', '2025', 1, 0);
INSERT INTO public.text_frequencies VALUES ('window_text', 'T1/C1', 'zone', 1, 0);
INSERT INTO public.text_frequencies VALUES ('window_text', 'T1/C1', 'will', 1, 0);
INSERT INTO public.text_frequencies VALUES ('window_text', 'T1/C1', 'be', 1, 0);
INSERT INTO public.text_frequencies VALUES ('window_text', 'T1/C1', 'declar', 1, 0);
INSERT INTO public.text_frequencies VALUES ('window_text', 'T1/C1', 'on', 1, 0);
INSERT INTO public.text_frequencies VALUES ('window_text', 'T1/C1', '3', 1, 0);
INSERT INTO public.text_frequencies VALUES ('window_text', 'T1/C1', 'june', 1, 0);
INSERT INTO public.text_frequencies VALUES ('window_text', 'T1/C1', '2025', 1, 0);
INSERT INTO public.text_frequencies VALUES ('window_text', 'everybody', '7', 0, 0);
INSERT INTO public.text_frequencies VALUES ('section_text', 'everybody', 'forum', 3, 0);
INSERT INTO public.text_frequencies VALUES ('window_text', 'everybody', 'be', 1, 0);
INSERT INTO public.text_frequencies VALUES ('window_text', 'everybody', 'fair', 0, 0);
INSERT INTO public.text_frequencies VALUES ('section_text', 'everybody', 'broadband', 1, 0);
INSERT INTO public.text_frequencies VALUES ('window_text', 'everybody', 'health', 0, 0);
INSERT INTO public.text_frequencies VALUES ('window_text', 'everybody', 'held', 1, 0);
INSERT INTO public.text_frequencies VALUES ('window_text', 'everybody', 'in', 1, 0);
INSERT INTO public.text_frequencies VALUES ('window_text', 'everybody', 'juli', 1, 0);
INSERT INTO public.text_frequencies VALUES ('section_text', 'everybody', 'geneva', 1, 0);
INSERT INTO public.text_frequencies VALUES ('section_text', 'everybody', 'from', 1, 0);
INSERT INTO public.text_frequencies VALUES ('section_text', 'everybody', '14', 1, 0);
INSERT INTO public.text_frequencies VALUES ('section_text', 'everybody', 'to', 1, 0);
INSERT INTO public.text_frequencies VALUES ('section_text', 'everybody', '18', 1, 0);
INSERT INTO public.text_frequencies VALUES ('window_text', 'everybody', 'on', 1, 0);
INSERT INTO public.text_frequencies VALUES ('window_text', 'everybody', 'rome', 0, 0);
INSERT INTO public.text_frequencies VALUES ('section_text', 'everybody', 'stone', 1, 0);
INSERT INTO public.text_frequencies VALUES ('section_text', 'everybody', 'li', 1, 0);
INSERT INTO public.text_frequencies VALUES ('section_text', 'everybody', 'at', 1, 0);
INSERT INTO public.text_frequencies VALUES ('section_text', 'everybody', 'gate', 1, 0);
INSERT INTO public.text_frequencies VALUES ('window_text', 'everybody', 'the', 3, 0);
INSERT INTO public.text_frequencies VALUES ('window_text', 'everybody', 'will', 1, 0);
INSERT INTO public.text_frequencies VALUES ('window_text', 'everybody', 'forum', 1, 0);
INSERT INTO public.text_frequencies VALUES ('section_text', 'everybody', '', 3, 33);
INSERT INTO public.text_frequencies VALUES ('window_text', 'everybody', 'broadband', 1, 0);
INSERT INTO public.text_frequencies VALUES ('section_text', 'everybody', '2025', 1, 0);
INSERT INTO public.text_frequencies VALUES ('section_text', 'everybody', '7', 0, 0);
INSERT INTO public.text_frequencies VALUES ('section_text', 'everybody', 'be', 1, 0);
INSERT INTO public.text_frequencies VALUES ('section_text', 'everybody', 'fair', 0, 0);
INSERT INTO public.text_frequencies VALUES ('window_text', 'everybody', 'geneva', 1, 0);
INSERT INTO public.text_frequencies VALUES ('window_text', 'everybody', 'from', 1, 0);
INSERT INTO public.text_frequencies VALUES ('window_text', 'everybody', '14', 1, 0);
INSERT INTO public.text_frequencies VALUES ('window_text', 'everybody', 'to', 1, 0);
INSERT INTO public.text_frequencies VALUES ('window_text', 'everybody', '18', 1, 0);
INSERT INTO public.text_frequencies VALUES ('section_text', 'everybody', 'health', 0, 0);
INSERT INTO public.text_frequencies VALUES ('section_text', 'everybody', 'held', 1, 0);
INSERT INTO public.text_frequencies VALUES ('window_text', 'everybody', 'stone', 1, 0);
INSERT INTO public.text_frequencies VALUES ('window_text', 'everybody', 'li', 1, 0);
INSERT INTO public.text_frequencies VALUES ('window_text', 'everybody', 'at', 1, 0);
INSERT INTO public.text_frequencies VALUES ('window_text', 'everybody', 'gate', 1, 0);
INSERT INTO public.text_frequencies VALUES ('section_text', 'everybody', 'in', 1, 0);
INSERT INTO public.text_frequencies VALUES ('section_text', 'everybody', 'juli', 1, 0);
INSERT INTO public.text_frequencies VALUES ('section_text', 'everybody', 'on', 1, 0);
INSERT INTO public.text_frequencies VALUES ('section_text', 'everybody', 'rome', 0, 0);
INSERT INTO public.text_frequencies VALUES ('section_text', 'everybody', 'the', 3, 0);
INSERT INTO public.text_frequencies VALUES ('section_text', 'everybody', 'will', 1, 0);
INSERT INTO public.uploads VALUES ('message/1', 'T1', 'D1', '3.0', '', 'U1', '', '[["F1", "a.txt"]]', 'url', '3.0', 'D1', '3.5');
INSERT INTO public.vectors VALUES ('325a6e08f29df4865bf38b3976f53c14', '\x15bb9b3e15bb9b3eff6a19bf9e5c453b9e5c453b9e5c453b9e5c453b9e5c453b9e5c453b9e5c453b9e5c453b9e5c453b9e5c453b9e5c453b9e5c453b9e5c453b9e5c453b9e5c453b9e5c453b9e5c453b9e5c453b9e5c453ba3a598be9e5c453b9e5c453b9e5c453b9e5c453b9e5c453b9e5c453b9e5c453b9e5c453b9e5c453b9e5c453b9e5c453b9e5c453b9e5c453b9e5c453b9e5c453b9e5c453b9e5c453b9e5c453b15bb9b3e9e5c453b9e5c453b9e5c453b9e5c453b9e5c453b9e5c453b9e5c453b15bb9b3e9e5c453b9e5c453b9e5c453b9e5c453b9e5c453b9e5c453b9e5c453b9e5c453b9e5c453b15bb9b3ea3a598be9e5c453b9e5c453b9e5c453b', 'itubot-b65ef3016e80423f9fb0755e93bd6ae3');
INSERT INTO public.vectors VALUES ('3d2ff49844a16677538b8d5bea8d46c2', '\x2409673b2409673b12b1b2be2409673b374db63e2409673b2409673b2409673b2409673b2409673b2409673b2409673b2409673b2409673b2409673b2409673b2409673b2409673b2409673b2409673b2409673b2409673b2409673b2409673b2409673b2409673b2409673b2409673b2409673b2409673b2409673b2409673b374db63e2409673b2409673b2409673b12b1b2be2409673b2409673b2409673b2409673b2409673b2409673b2409673b374db63e2409673b2409673b2409673b2409673b2409673b2409673b2409673b2409673b12b1b2be374db63e2409673b2409673b2409673b2409673b2409673b2409673b2409673b2409673b374db63e', 'itubot-b65ef3016e80423f9fb0755e93bd6ae3');
INSERT INTO public.vectors VALUES ('7cf1ca6b6e1c2f325a1b066f1fc83106', '\xf6729b3ef6729b3ef32319bf3801453b3801453b3801453b3801453b3801453b3801453b3801453b3801453b3801453b3801453b3801453b3801453b3801453b3801453b3801453b3801453b3801453b3801453b3801453b3801453b3801453b3801453bf6729b3e3801453b3801453b3801453b3801453b3801453b3801453b3801453b3801453b3801453b3801453b3801453b3801453bf15e98be3801453b3801453bf6729b3e3801453b3801453b3801453b3801453b3801453b3801453b3801453bf6729b3e3801453b3801453b3801453b3801453b3801453b3801453b3801453b3801453b3801453bf6729b3e3801453b3801453b3801453b3801453b', 'itubot-97f844d33bef4223a61d9eb4a3ecefdd');
INSERT INTO public.vectors VALUES ('c58c6418003e6c5066873a3d8241b119', '\x87b5a33b87b5a33bcd3cfdbe87b5a33b87b5a33b87b5a33b87b5a33b87b5a33b87b5a33b87b5a33b87b5a33b3c2d013f87b5a33b87b5a33b87b5a33b87b5a33b87b5a33b87b5a33b87b5a33b87b5a33b87b5a33b87b5a33b87b5a33b87b5a33b87b5a33b87b5a33b87b5a33bcd3cfdbe87b5a33b87b5a33b87b5a33b87b5a33b87b5a33b87b5a33b87b5a33b87b5a33b87b5a33b87b5a33b87b5a33b87b5a33b87b5a33b3c2d013f87b5a33b87b5a33b87b5a33b87b5a33b87b5a33b87b5a33b87b5a33b87b5a33b87b5a33b87b5a33b87b5a33b87b5a33b87b5a33b87b5a33b87b5a33b87b5a33b87b5a33b87b5a33b87b5a33b87b5a33b87b5a33b87b5a33b', 'itubot-97f844d33bef4223a61d9eb4a3ecefdd');
INSERT INTO public.vectors VALUES ('5f250686581316ac2f7545353124bd65', '\x18a8783b18a8783b18a8783b18a8783b18a8783ba334c43e18a8783b18a8783b18a8783b18a8783b18a8783b0352c0be18a8783b18a8783b18a8783b18a8783b0352c0be18a8783b18a8783b18a8783b18a8783b18a8783b18a8783b18a8783b18a8783b0352c0be18a8783b18a8783b18a8783b18a8783b18a8783b18a8783b18a8783b18a8783b18a8783b18a8783b18a8783b18a8783b18a8783b0352c0be18a8783b18a8783b18a8783b18a8783b18a8783b18a8783b18a8783b18a8783b18a8783b18a8783b18a8783b18a8783b18a8783b18a8783b18a8783b18a8783b18a8783b0352c0be18a8783ba334c43e18a8783b18a8783b18a8783b18a8783b', 'itubot-c2404507ee3c436b8a1720777fe0841c');
INSERT INTO public.window_text VALUES (3, 'everybody', 9, '''compact'':1 ''digit'':1 ''eighti'':1 ''four'':1 ''gdc'':1 ''global'':1 ''ha'':1 ''partner'':1 ''the'':1');
INSERT INTO public.window_text VALUES (5, 'everybody', 15, '''14'':1 ''18'':1 ''2025'':1 ''be'':1 ''broadband'':1 ''forum'':1 ''from'':1 ''geneva'':1 ''held'':1 ''in'':1 ''juli'':1 ''on'':1 ''the'':1 ''to'':1 ''will'':1');
INSERT INTO public.window_text VALUES (7, 'everybody', 6, '''at'':1 ''gate'':1 ''li'':1 ''stone'':1 ''the'':1,2');
INSERT INTO public.window_text VALUES (9, 'T1/C1', 11, '''2025'':1 ''3'':1 ''be'':1 ''declar'':1 ''june'':1 ''lunar'':1 ''on'':1 ''quiet'':1 ''the'':1 ''will'':1 ''zone'':1');
SELECT pg_catalog.setval('public.events_pk_seq', 4, true);
SELECT pg_catalog.setval('public.passages_pk_seq', 12, true);
SELECT pg_catalog.setval('public.sections_pk_seq', 6, true);
ALTER TABLE ONLY public.acronyms
    ADD CONSTRAINT acronyms_pkey PRIMARY KEY (document_id, short, long);
ALTER TABLE ONLY public.corrections
    ADD CONSTRAINT corrections_pkey PRIMARY KEY (document_id, sentence, text, ordinal);
ALTER TABLE ONLY public.digests
    ADD CONSTRAINT digests_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.documents
    ADD CONSTRAINT documents_pkey PRIMARY KEY (id, version);
ALTER TABLE ONLY public.event_origins
    ADD CONSTRAINT event_origins_pkey PRIMARY KEY (document_id);
ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (pk);
ALTER TABLE ONLY public.holdings
    ADD CONSTRAINT holdings_pkey PRIMARY KEY (document_id, version, section_id);
ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_pkey PRIMARY KEY (kind, key);
ALTER TABLE ONLY public.labels
    ADD CONSTRAINT labels_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.meta
    ADD CONSTRAINT meta_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.passages
    ADD CONSTRAINT passages_pkey PRIMARY KEY (pk);
ALTER TABLE ONLY public.questions
    ADD CONSTRAINT questions_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.section_text
    ADD CONSTRAINT section_text_pkey PRIMARY KEY ("row");
ALTER TABLE ONLY public.sections
    ADD CONSTRAINT sections_id_key UNIQUE (id);
ALTER TABLE ONLY public.sections
    ADD CONSTRAINT sections_pkey PRIMARY KEY (pk);
ALTER TABLE ONLY public.segments
    ADD CONSTRAINT segments_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.text_frequencies
    ADD CONSTRAINT text_frequencies_pkey PRIMARY KEY (kind, audience, term);
ALTER TABLE ONLY public.uploads
    ADD CONSTRAINT uploads_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.vectors
    ADD CONSTRAINT vectors_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.window_text
    ADD CONSTRAINT window_text_pkey PRIMARY KEY ("row");
CREATE INDEX acronyms_by_short ON public.acronyms USING btree (short);
CREATE INDEX events_by_document ON public.events USING btree (document_id, version);
CREATE INDEX holdings_by_section ON public.holdings USING btree (section_id);
CREATE INDEX ix_acronyms_long ON public.acronyms USING btree (long);
CREATE INDEX ix_documents_live ON public.documents USING btree (live);
CREATE INDEX ix_events_chain_id ON public.events USING btree (chain_id);
CREATE INDEX ix_labels_section_id ON public.labels USING btree (section_id);
CREATE INDEX ix_passages_key ON public.passages USING btree (key);
CREATE INDEX ix_passages_section_id ON public.passages USING btree (section_id);
CREATE INDEX ix_questions_reference ON public.questions USING btree (reference);
CREATE INDEX ix_sections_document_id ON public.sections USING btree (document_id);
CREATE INDEX ix_vectors_segment ON public.vectors USING btree (segment);
CREATE INDEX jobs_open ON public.jobs USING btree (kind, done);
CREATE INDEX questions_thread ON public.questions USING btree (team, channel, thread);
CREATE INDEX section_text_by_term ON public.section_text USING gin (terms);
CREATE INDEX window_text_by_term ON public.window_text USING gin (terms);
