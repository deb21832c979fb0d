CREATE TABLE digests (
	"key" VARCHAR NOT NULL, 
	channel VARCHAR NOT NULL, 
	day VARCHAR NOT NULL, 
	ts VARCHAR, 
	knew TEXT, 
	PRIMARY KEY ("key")
);
INSERT INTO digests ("key", "channel", "day", "ts", "knew") VALUES ('C1/2025-05-01', 'C1', '2025-05-01', '4.0', '{"as_of": "2025-05-01"}');
CREATE TABLE jobs (
	kind VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	holder VARCHAR, 
	term INTEGER NOT NULL, 
	expires_at FLOAT NOT NULL, 
	created_at FLOAT NOT NULL, 
	failures INTEGER NOT NULL, 
	done BOOLEAN NOT NULL, 
	PRIMARY KEY (kind, "key")
);
INSERT INTO jobs ("kind", "key", "holder", "term", "expires_at", "created_at", "failures", "done") VALUES ('question', 'T1/C1/1.0', NULL, 1, 1.79567734137700462e+09, 1.79567732136300349e+09, 0, 1);
INSERT INTO jobs ("kind", "key", "holder", "term", "expires_at", "created_at", "failures", "done") VALUES ('question', 'T1/C1/2.0', NULL, 1, 1.79567734138199353e+09, 1.79567732136598086e+09, 0, 0);
INSERT INTO jobs ("kind", "key", "holder", "term", "expires_at", "created_at", "failures", "done") VALUES ('event', 'Ev1', NULL, 1, 1.79567732139398312e+09, 1.79567732139398312e+09, 0, 1);
INSERT INTO jobs ("kind", "key", "holder", "term", "expires_at", "created_at", "failures", "done") VALUES ('upload', 'message/1', NULL, 1, 1.79567734146298289e+09, 1.79567732142500281e+09, 0, 0);
INSERT INTO jobs ("kind", "key", "holder", "term", "expires_at", "created_at", "failures", "done") VALUES ('digest', 'C1/2025-05-01', NULL, 1, 1.79567734153898334e+09, 1.79567732151001548e+09, 0, 1);
CREATE INDEX jobs_open ON jobs (kind, done);
CREATE TABLE questions (
	"key" VARCHAR NOT NULL, 
	team VARCHAR NOT NULL, 
	channel VARCHAR NOT NULL, 
	ts VARCHAR NOT NULL, 
	thread VARCHAR NOT NULL, 
	user VARCHAR NOT NULL, 
	text TEXT NOT NULL, 
	sending BOOLEAN NOT NULL, 
	outcome VARCHAR, 
	reply TEXT, 
	reply_ts VARCHAR, 
	reference VARCHAR, 
	PRIMARY KEY ("key")
);
INSERT INTO questions ("key", "team", "channel", "ts", "thread", "user", "text", "sending", "outcome", "reply", "reply_ts", "reference") VALUES ('T1/C1/1.0', 'T1', 'C1', '1.0', '1.0', 'U1', 'When?', 0, 'answer', 'In July.', '1.5', NULL);
INSERT INTO questions ("key", "team", "channel", "ts", "thread", "user", "text", "sending", "outcome", "reply", "reply_ts", "reference") VALUES ('T1/C1/2.0', 'T1', 'C1', '2.0', '1.0', 'U1', 'Where?', 0, NULL, NULL, NULL, NULL);
CREATE INDEX ix_questions_reference ON questions (reference);
CREATE INDEX questions_thread ON questions (team, channel, thread);
CREATE TABLE uploads (
	"key" VARCHAR NOT NULL, 
	team VARCHAR NOT NULL, 
	channel VARCHAR NOT NULL, 
	ts VARCHAR NOT NULL, 
	thread VARCHAR NOT NULL, 
	user VARCHAR NOT NULL, 
	text TEXT NOT NULL, 
	files TEXT NOT NULL, 
	response_url TEXT NOT NULL, 
	given_ts VARCHAR NOT NULL, 
	status_channel VARCHAR, 
	status_ts VARCHAR, 
	PRIMARY KEY ("key")
);
INSERT INTO uploads ("key", "team", "channel", "ts", "thread", "user", "text", "files", "response_url", "given_ts", "status_channel", "status_ts") VALUES ('message/1', 'T1', 'D1', '3.0', '', 'U1', '', '[["F1", "a.txt"]]', 'url', '3.0', 'D1', '3.5');
