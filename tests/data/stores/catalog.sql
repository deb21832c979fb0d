CREATE TABLE meta (
	"key" VARCHAR NOT NULL, 
	value VARCHAR NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO meta ("key", "value") VALUES ('schema', '4');
INSERT INTO meta ("key", "value") VALUES ('model', 'hashing');
INSERT INTO meta ("key", "value") VALUES ('generation', '5');
INSERT INTO meta ("key", "value") VALUES ('generation T1/C1', '1');
INSERT INTO meta ("key", "value") VALUES ('rewrite', 'done');
CREATE TABLE documents (
	id VARCHAR NOT NULL, 
	version INTEGER NOT NULL, 
	source VARCHAR NOT NULL, 
	title TEXT NOT NULL, 
	symbol VARCHAR, 
	date DATE, 
	date_inferred BOOLEAN NOT NULL, 
	language VARCHAR NOT NULL, 
	content_hash VARCHAR NOT NULL, 
	ingested_at DATETIME NOT NULL, 
	found JSON, 
	notes JSON, 
	root TEXT NOT NULL, 
	live BOOLEAN NOT NULL, 
	audience VARCHAR DEFAULT 'everybody' NOT NULL, 
	PRIMARY KEY (id, version)
);
INSERT INTO documents ("id", "version", "source", "title", "symbol", "date", "date_inferred", "language", "content_hash", "ingested_at", "found", "notes", "root", "live", "audience") VALUES ('forum.txt', 1, 'forum.txt', 'forum', NULL, NULL, 0, 'en', 'ca6632fcf56b35d4707ad6a0f161e8e2', '2026-11-26 07:15:20.846169', '{"title": "file name", "language": "text"}', '[]', '/tmp/itubot-files/papers', 0, 'everybody');
INSERT INTO documents ("id", "version", "source", "title", "symbol", "date", "date_inferred", "language", "content_hash", "ingested_at", "found", "notes", "root", "live", "audience") VALUES ('forum.txt', 2, 'forum.txt', 'forum', NULL, NULL, 0, 'en', 'e4ddd416587f9d7d55ab352b86b62d48', '2026-11-26 07:15:21.040261', '{"title": "file name", "language": "text"}', '[]', '/tmp/itubot-files/papers', 1, 'everybody');
INSERT INTO documents ("id", "version", "source", "title", "symbol", "date", "date_inferred", "language", "content_hash", "ingested_at", "found", "notes", "root", "live", "audience") VALUES ('T1/C1:moon.txt', 1, 'moon.txt', 'moon', NULL, NULL, 0, 'en', '4d2918fcaac3eecba2f673feac95315d', '2026-11-26 07:15:21.151391', '{"title": "file name", "language": "text"}', '[]', '/tmp/itubot-files/papers', 1, 'T1/C1');
INSERT INTO documents ("id", "version", "source", "title", "symbol", "date", "date_inferred", "language", "content_hash", "ingested_at", "found", "notes", "root", "live", "audience") VALUES ('fair.txt', 1, 'fair.txt', '', NULL, NULL, 0, 'en', '', '2026-11-26 07:15:21.239687', 'null', 'null', '/tmp/itubot-files/papers', 0, 'everybody');
CREATE TABLE sections (
	pk INTEGER NOT NULL, 
	id VARCHAR NOT NULL, 
	document_id VARCHAR NOT NULL, 
	number VARCHAR NOT NULL, 
	ordinal INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	heading TEXT NOT NULL, 
	text TEXT NOT NULL, 
	raw TEXT NOT NULL, 
	offsets JSON NOT NULL, 
	page INTEGER, 
	live BOOLEAN NOT NULL, 
	audience VARCHAR DEFAULT 'everybody' NOT NULL, 
	PRIMARY KEY (pk), 
	UNIQUE (id)
);
INSERT INTO sections ("pk", "id", "document_id", "number", "ordinal", "position", "heading", "text", "raw", "offsets", "page", "live", "audience") VALUES (1, 'a83a8f61071feeac970791fd3bd78590', 'forum.txt', '1.1', 0, 0, 'Forum', 'The Forum on Broadband will be held in Geneva from 7 to 11 July 2025.', 'The Forum on Broadband will be held in Geneva from 7 to 11 July 2025.', '[[0, 0]]', NULL, 0, 'everybody');
INSERT INTO sections ("pk", "id", "document_id", "number", "ordinal", "position", "heading", "text", "raw", "offsets", "page", "live", "audience") VALUES (2, '2489702c172d322a1ff78c055c8a72a8', 'forum.txt', '1.2', 0, 1, 'Forum', 'The Global Digital Compact (GDC) has eighty-four partners.', 'The Global Digital Compact (GDC) has eighty-four partners.', '[[0, 0]]', NULL, 1, 'everybody');
INSERT INTO sections ("pk", "id", "document_id", "number", "ordinal", "position", "heading", "text", "raw", "offsets", "page", "live", "audience") VALUES (3, '94f73f18df4de9809fb5265c998c9c9a', 'forum.txt', '1.1', 0, 0, 'Forum', 'The Forum on Broadband will be held in Geneva from 14 to 18 July 2025.', 'The Forum on Broadband will be held in Geneva from 14 to 18 July 2025.', '[[0, 0]]', NULL, 1, 'everybody');
INSERT INTO sections ("pk", "id", "document_id", "number", "ordinal", "position", "heading", "text", "raw", "offsets", "page", "live", "audience") VALUES (4, '90ff4a560da7ecb4f1add249ea7c041d', 'forum.txt', '1.3', 0, 2, 'Forum', 'The stone lies at the gate.', 'The stone lies at the gate.', '[[0, 0]]', NULL, 1, 'everybody');
INSERT INTO sections ("pk", "id", "document_id", "number", "ordinal", "position", "heading", "text", "raw", "offsets", "page", "live", "audience") VALUES (5, '2772a4fd0d091ccfc19106f751ec30da', 'T1/C1:moon.txt', '1.1', 0, 0, '', 'The Lunar Quiet Zone will be declared on 3 June 2025.', 'The Lunar Quiet Zone will be declared on 3 June 2025.', '[[0, 0]]', NULL, 1, 'T1/C1');
CREATE TABLE holdings (
	document_id VARCHAR NOT NULL, 
	version INTEGER NOT NULL, 
	section_id VARCHAR NOT NULL, 
	position INTEGER NOT NULL, 
	PRIMARY KEY (document_id, version, section_id)
);
INSERT INTO holdings ("document_id", "version", "section_id", "position") VALUES ('forum.txt', 1, 'a83a8f61071feeac970791fd3bd78590', 0);
INSERT INTO holdings ("document_id", "version", "section_id", "position") VALUES ('forum.txt', 1, '2489702c172d322a1ff78c055c8a72a8', 1);
INSERT INTO holdings ("document_id", "version", "section_id", "position") VALUES ('forum.txt', 2, '94f73f18df4de9809fb5265c998c9c9a', 0);
INSERT INTO holdings ("document_id", "version", "section_id", "position") VALUES ('forum.txt', 2, '2489702c172d322a1ff78c055c8a72a8', 1);
INSERT INTO holdings ("document_id", "version", "section_id", "position") VALUES ('forum.txt', 2, '90ff4a560da7ecb4f1add249ea7c041d', 2);
INSERT INTO holdings ("document_id", "version", "section_id", "position") VALUES ('T1/C1:moon.txt', 1, '2772a4fd0d091ccfc19106f751ec30da', 0);
CREATE TABLE passages (
	pk INTEGER NOT NULL, 
	section_id VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	start INTEGER NOT NULL, 
	"end" INTEGER NOT NULL, 
	"key" VARCHAR NOT NULL, 
	PRIMARY KEY (pk)
);
INSERT INTO passages ("pk", "section_id", "kind", "start", "end", "key") VALUES (1, 'a83a8f61071feeac970791fd3bd78590', 'window', 0, 69, '325a6e08f29df4865bf38b3976f53c14');
INSERT INTO passages ("pk", "section_id", "kind", "start", "end", "key") VALUES (2, 'a83a8f61071feeac970791fd3bd78590', 'sentence', 0, 69, '325a6e08f29df4865bf38b3976f53c14');
INSERT INTO passages ("pk", "section_id", "kind", "start", "end", "key") VALUES (3, '2489702c172d322a1ff78c055c8a72a8', 'window', 0, 58, '3d2ff49844a16677538b8d5bea8d46c2');
INSERT INTO passages ("pk", "section_id", "kind", "start", "end", "key") VALUES (4, '2489702c172d322a1ff78c055c8a72a8', 'sentence', 0, 58, '3d2ff49844a16677538b8d5bea8d46c2');
INSERT INTO passages ("pk", "section_id", "kind", "start", "end", "key") VALUES (5, '94f73f18df4de9809fb5265c998c9c9a', 'window', 0, 70, '7cf1ca6b6e1c2f325a1b066f1fc83106');
INSERT INTO passages ("pk", "section_id", "kind", "start", "end", "key") VALUES (6, '94f73f18df4de9809fb5265c998c9c9a', 'sentence', 0, 70, '7cf1ca6b6e1c2f325a1b066f1fc83106');
INSERT INTO passages ("pk", "section_id", "kind", "start", "end", "key") VALUES (7, '90ff4a560da7ecb4f1add249ea7c041d', 'window', 0, 27, 'c58c6418003e6c5066873a3d8241b119');
INSERT INTO passages ("pk", "section_id", "kind", "start", "end", "key") VALUES (8, '90ff4a560da7ecb4f1add249ea7c041d', 'sentence', 0, 27, 'c58c6418003e6c5066873a3d8241b119');
INSERT INTO passages ("pk", "section_id", "kind", "start", "end", "key") VALUES (9, '2772a4fd0d091ccfc19106f751ec30da', 'window', 0, 53, '5f250686581316ac2f7545353124bd65');
INSERT INTO passages ("pk", "section_id", "kind", "start", "end", "key") VALUES (10, '2772a4fd0d091ccfc19106f751ec30da', 'sentence', 0, 53, '5f250686581316ac2f7545353124bd65');
CREATE TABLE vectors (
	"key" VARCHAR NOT NULL, 
	vector BLOB NOT NULL, 
	segment VARCHAR, 
	PRIMARY KEY ("key")
);
INSERT INTO vectors ("key", "vector", "segment") VALUES ('325a6e08f29df4865bf38b3976f53c14', X'15BB9B3E15BB9B3EFF6A19BF9E5C453B9E5C453B9E5C453B9E5C453B9E5C453B9E5C453B9E5C453B9E5C453B9E5C453B9E5C453B9E5C453B9E5C453B9E5C453B9E5C453B9E5C453B9E5C453B9E5C453B9E5C453B9E5C453BA3A598BE9E5C453B9E5C453B9E5C453B9E5C453B9E5C453B9E5C453B9E5C453B9E5C453B9E5C453B9E5C453B9E5C453B9E5C453B9E5C453B9E5C453B9E5C453B9E5C453B9E5C453B9E5C453B15BB9B3E9E5C453B9E5C453B9E5C453B9E5C453B9E5C453B9E5C453B9E5C453B15BB9B3E9E5C453B9E5C453B9E5C453B9E5C453B9E5C453B9E5C453B9E5C453B9E5C453B9E5C453B15BB9B3EA3A598BE9E5C453B9E5C453B9E5C453B', 'itubot-3404b898e08047059b3f56d15d7807b2');
INSERT INTO vectors ("key", "vector", "segment") VALUES ('3d2ff49844a16677538b8d5bea8d46c2', X'2409673B2409673B12B1B2BE2409673B374DB63E2409673B2409673B2409673B2409673B2409673B2409673B2409673B2409673B2409673B2409673B2409673B2409673B2409673B2409673B2409673B2409673B2409673B2409673B2409673B2409673B2409673B2409673B2409673B2409673B2409673B2409673B2409673B374DB63E2409673B2409673B2409673B12B1B2BE2409673B2409673B2409673B2409673B2409673B2409673B2409673B374DB63E2409673B2409673B2409673B2409673B2409673B2409673B2409673B2409673B12B1B2BE374DB63E2409673B2409673B2409673B2409673B2409673B2409673B2409673B2409673B374DB63E', 'itubot-3404b898e08047059b3f56d15d7807b2');
INSERT INTO vectors ("key", "vector", "segment") VALUES ('7cf1ca6b6e1c2f325a1b066f1fc83106', X'F6729B3EF6729B3EF32319BF3801453B3801453B3801453B3801453B3801453B3801453B3801453B3801453B3801453B3801453B3801453B3801453B3801453B3801453B3801453B3801453B3801453B3801453B3801453B3801453B3801453B3801453BF6729B3E3801453B3801453B3801453B3801453B3801453B3801453B3801453B3801453B3801453B3801453B3801453B3801453BF15E98BE3801453B3801453BF6729B3E3801453B3801453B3801453B3801453B3801453B3801453B3801453BF6729B3E3801453B3801453B3801453B3801453B3801453B3801453B3801453B3801453B3801453BF6729B3E3801453B3801453B3801453B3801453B', 'itubot-420536a3cc9c43f8ae59b1f4a4dd99ba');
INSERT INTO vectors ("key", "vector", "segment") VALUES ('c58c6418003e6c5066873a3d8241b119', X'87B5A33B87B5A33BCD3CFDBE87B5A33B87B5A33B87B5A33B87B5A33B87B5A33B87B5A33B87B5A33B87B5A33B3C2D013F87B5A33B87B5A33B87B5A33B87B5A33B87B5A33B87B5A33B87B5A33B87B5A33B87B5A33B87B5A33B87B5A33B87B5A33B87B5A33B87B5A33B87B5A33BCD3CFDBE87B5A33B87B5A33B87B5A33B87B5A33B87B5A33B87B5A33B87B5A33B87B5A33B87B5A33B87B5A33B87B5A33B87B5A33B87B5A33B3C2D013F87B5A33B87B5A33B87B5A33B87B5A33B87B5A33B87B5A33B87B5A33B87B5A33B87B5A33B87B5A33B87B5A33B87B5A33B87B5A33B87B5A33B87B5A33B87B5A33B87B5A33B87B5A33B87B5A33B87B5A33B87B5A33B87B5A33B', 'itubot-420536a3cc9c43f8ae59b1f4a4dd99ba');
INSERT INTO vectors ("key", "vector", "segment") VALUES ('5f250686581316ac2f7545353124bd65', X'18A8783B18A8783B18A8783B18A8783B18A8783BA334C43E18A8783B18A8783B18A8783B18A8783B18A8783B0352C0BE18A8783B18A8783B18A8783B18A8783B0352C0BE18A8783B18A8783B18A8783B18A8783B18A8783B18A8783B18A8783B18A8783B0352C0BE18A8783B18A8783B18A8783B18A8783B18A8783B18A8783B18A8783B18A8783B18A8783B18A8783B18A8783B18A8783B18A8783B0352C0BE18A8783B18A8783B18A8783B18A8783B18A8783B18A8783B18A8783B18A8783B18A8783B18A8783B18A8783B18A8783B18A8783B18A8783B18A8783B18A8783B18A8783B0352C0BE18A8783BA334C43E18A8783B18A8783B18A8783B18A8783B', 'itubot-e690f28326ba4fc49682af72cccd0241');
CREATE TABLE acronyms (
	document_id VARCHAR NOT NULL, 
	short VARCHAR NOT NULL, 
	long VARCHAR NOT NULL, 
	PRIMARY KEY (document_id, short, long)
);
INSERT INTO acronyms ("document_id", "short", "long") VALUES ('forum.txt', 'gdc', 'global digital compact');
CREATE TABLE segments (
	name VARCHAR NOT NULL, 
	size INTEGER NOT NULL, 
	live BOOLEAN NOT NULL, 
	retired_at FLOAT, 
	audience VARCHAR DEFAULT 'everybody' NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO segments ("name", "size", "live", "retired_at", "audience") VALUES ('itubot-3404b898e08047059b3f56d15d7807b2', 2, 1, NULL, 'everybody');
INSERT INTO segments ("name", "size", "live", "retired_at", "audience") VALUES ('itubot-420536a3cc9c43f8ae59b1f4a4dd99ba', 2, 1, NULL, 'everybody');
INSERT INTO segments ("name", "size", "live", "retired_at", "audience") VALUES ('itubot-e690f28326ba4fc49682af72cccd0241', 1, 1, NULL, 'T1/C1');
INSERT INTO segments ("name", "size", "live", "retired_at", "audience") VALUES ('itubot-f19ccb28171543e0881f23c9e6588e3e', 1, 1, NULL, 'everybody');
CREATE TABLE events (
	pk INTEGER NOT NULL, 
	id VARCHAR NOT NULL, 
	chain_id VARCHAR NOT NULL, 
	document_id VARCHAR NOT NULL, 
	version INTEGER NOT NULL, 
	title TEXT NOT NULL, 
	kind VARCHAR NOT NULL, 
	location TEXT, 
	mentions JSON NOT NULL, 
	PRIMARY KEY (pk)
);
INSERT INTO events ("pk", "id", "chain_id", "document_id", "version", "title", "kind", "location", "mentions") VALUES (1, '95d9d3a7357b5c8748d504fd48f7e1b8', '62208ec27b094291977bf24c0407da86', 'forum.txt', 1, 'Forum on Broadband', 'meeting', 'Geneva', '[{"section_id": "a83a8f61071feeac970791fd3bd78590", "text": "7 to 11 July 2025", "start": "2025-07-07", "end": "2025-07-11", "precision": "day", "sentence_start": 0, "sentence_end": 69, "bound": "on", "approximate": false, "year_inferred": false, "recurrence": null, "time": null, "timezone": null, "cue": "planned", "tentative": false, "offset": 51}]');
INSERT INTO events ("pk", "id", "chain_id", "document_id", "version", "title", "kind", "location", "mentions") VALUES (2, 'ddfc82ec45a451718c4d15e4b1c52de6', '62208ec27b094291977bf24c0407da86', 'forum.txt', 2, 'Forum on Broadband', 'meeting', 'Geneva', '[{"section_id": "94f73f18df4de9809fb5265c998c9c9a", "text": "14 to 18 July 2025", "start": "2025-07-14", "end": "2025-07-18", "precision": "day", "sentence_start": 0, "sentence_end": 70, "bound": "on", "approximate": false, "year_inferred": false, "recurrence": null, "time": null, "timezone": null, "cue": "planned", "tentative": false, "offset": 51}]');
INSERT INTO events ("pk", "id", "chain_id", "document_id", "version", "title", "kind", "location", "mentions") VALUES (3, '76b616f58c719130eb644cd7a425a56c', '9c31cca61ab64a8280acf56c902e177b', 'T1/C1:moon.txt', 1, 'Lunar Quiet Zone will be declared', 'milestone', NULL, '[{"section_id": "2772a4fd0d091ccfc19106f751ec30da", "text": "3 June 2025", "start": "2025-06-03", "end": "2025-06-03", "precision": "day", "sentence_start": 0, "sentence_end": 53, "bound": "on", "approximate": false, "year_inferred": false, "recurrence": null, "time": null, "timezone": null, "cue": "planned", "tentative": false, "offset": 41}]');
INSERT INTO events ("pk", "id", "chain_id", "document_id", "version", "title", "kind", "location", "mentions") VALUES (4, '57ccf648ddb31113370eca257aaa77be', 'c205eb1e28e349d58e8b7e4cc2d5ebbb', 'fair.txt', 1, '', 'meeting', NULL, '[{"section_id": "6cc84d6a98d0ebc7d4943f2e878dbf58", "text": "sha256:65d85a656ffa21b23a90990bd6c7c505", "start": "2025-07-07", "end": "2025-07-07", "precision": "day", "sentence_start": 0, "sentence_end": 52, "bound": "on", "approximate": false, "year_inferred": false, "recurrence": null, "time": null, "timezone": null, "cue": "planned", "tentative": false, "offset": 40}]');
CREATE TABLE corrections (
	document_id VARCHAR NOT NULL, 
	sentence TEXT NOT NULL, 
	text TEXT NOT NULL, 
	ordinal INTEGER NOT NULL, 
	"by" VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	title TEXT, 
	kind VARCHAR, 
	start DATE, 
	"end" DATE, 
	status VARCHAR, 
	no_event BOOLEAN NOT NULL, 
	revision INTEGER NOT NULL, 
	PRIMARY KEY (document_id, sentence, text, ordinal)
);
INSERT INTO corrections ("document_id", "sentence", "text", "ordinal", "by", "at", "title", "kind", "start", "end", "status", "no_event", "revision") VALUES ('forum.txt', 'The Forum on Broadband will be held in Geneva from 14 to 18 July 2025.', '14 to 18 July 2025', 0, 'amina', '2026-11-26 07:15:21.306286', 'Broadband Forum', NULL, NULL, NULL, NULL, 0, 6);
CREATE TABLE event_origins (
	document_id VARCHAR NOT NULL, 
	rules VARCHAR NOT NULL, 
	labeller VARCHAR, 
	to_rules INTEGER NOT NULL, 
	PRIMARY KEY (document_id)
);
INSERT INTO event_origins ("document_id", "rules", "labeller", "to_rules") VALUES ('forum.txt', '2', NULL, 0);
INSERT INTO event_origins ("document_id", "rules", "labeller", "to_rules") VALUES ('T1/C1:moon.txt', '2', NULL, 0);
INSERT INTO event_origins ("document_id", "rules", "labeller", "to_rules") VALUES ('fair.txt', '2', NULL, 0);
CREATE TABLE labels (
	"key" VARCHAR NOT NULL, 
	section_id VARCHAR NOT NULL, 
	labels JSON NOT NULL, 
	PRIMARY KEY ("key")
);
CREATE INDEX ix_documents_live ON documents (live);
CREATE INDEX ix_sections_document_id ON sections (document_id);
CREATE INDEX holdings_by_section ON holdings (section_id);
CREATE INDEX ix_passages_key ON passages ("key");
CREATE INDEX ix_passages_section_id ON passages (section_id);
CREATE INDEX ix_vectors_segment ON vectors (segment);
CREATE INDEX ix_acronyms_long ON acronyms (long);
CREATE INDEX acronyms_by_short ON acronyms (short);
CREATE INDEX events_by_document ON events (document_id, version);
CREATE INDEX ix_events_chain_id ON events (chain_id);
CREATE INDEX ix_labels_section_id ON labels (section_id);
CREATE VIRTUAL TABLE section_text USING fts5(body, tokenize='porter unicode61 remove_diacritics 2');
INSERT INTO section_text ("rowid", "body") VALUES (2, 'Forum
The Global Digital Compact (GDC) has eighty-four partners.');
INSERT INTO section_text ("rowid", "body") VALUES (3, 'Forum
The Forum on Broadband will be held in Geneva from 14 to 18 July 2025.');
INSERT INTO section_text ("rowid", "body") VALUES (4, 'Forum
The stone lies at the gate.');
CREATE VIRTUAL TABLE window_text USING fts5(body, tokenize='porter unicode61 remove_diacritics 2');
INSERT INTO window_text ("rowid", "body") VALUES (3, 'The Global Digital Compact (GDC) has eighty-four partners.');
INSERT INTO window_text ("rowid", "body") VALUES (5, 'The Forum on Broadband will be held in Geneva from 14 to 18 July 2025.');
INSERT INTO window_text ("rowid", "body") VALUES (7, 'The stone lies at the gate.');
CREATE VIRTUAL TABLE section_vocabulary USING fts5vocab(section_text, row);
CREATE VIRTUAL TABLE section_text_1667daf8037bb036 USING fts5(body, tokenize='porter unicode61 remove_diacritics 2');
INSERT INTO section_text_1667daf8037bb036 ("rowid", "body") VALUES (5, '
The Lunar Quiet Zone will be declared on 3 June 2025.');
CREATE VIRTUAL TABLE window_text_1667daf8037bb036 USING fts5(body, tokenize='porter unicode61 remove_diacritics 2');
INSERT INTO window_text_1667daf8037bb036 ("rowid", "body") VALUES (9, 'The Lunar Quiet Zone will be declared on 3 June 2025.');
CREATE VIRTUAL TABLE section_vocabulary_1667daf8037bb036 USING fts5vocab(section_text_1667daf8037bb036, row);
