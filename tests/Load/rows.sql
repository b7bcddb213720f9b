-- A cluster of :nodes nodes and :datasets datasets with :snapshots snapshots each, a tenth as many users, and a chain for each dataset: what a server has after some time.
-- :vpses of the datasets are root filesystems of VPSes, which nobody looks at until they have a template, and :waiting chains more are under way and never end.
-- Keys are not looked up while rows are loaded; they are right by their making.
SET session_replication_role = replica;
INSERT INTO "Users" ("Id", "Login", "PasswordHash", "Level", "State", "CreatedAt") SELECT u + 1000, 'user' || u, '', 1, 0, now() FROM generate_series(1, :datasets / 10) u;
-- User N is logged in, with the token load-N.
INSERT INTO "UserSessions" ("Id", "UserId", "Label", "AuthType", "ClientAddress", "Scope", "TokenFragment", "Lifetime", "Interval", "CreatedAt")
  SELECT u + 1000, u + 1000, 'load', 'token', '127.0.0.1', 'all', 'load', 3, interval '1 hour', now() FROM generate_series(1, :datasets / 10) u;
INSERT INTO "AuthTokens" ("Id", "UserId", "Digest", "Lifetime", "Interval", "Scope", "SessionId")
  SELECT u + 1000, u + 1000, encode(sha256(convert_to('load-' || u, 'UTF8')), 'hex'), 3, interval '1 hour', 'all', u + 1000 FROM generate_series(1, :datasets / 10) u;
INSERT INTO "Nodes" ("Id", "Name", "LocationId", "DomainName", "Role", "RunsVpses", "VpsTemplates")
  SELECT n + 1000, 'node' || n, (SELECT min("Id") FROM "Locations"), 'node' || n || '.example.org', 0, false, '' FROM generate_series(1, :nodes) n;
INSERT INTO "Pools" ("Id", "NodeId", "Label", "Filesystem", "Role", "RefquotaCheck") SELECT n + 1000, n + 1000, 'tank/vps', 'tank/vps', 0, false FROM generate_series(1, :nodes) n;
INSERT INTO "Datasets" ("Id", "FullName", "UserId", "CurrentHistoryId", "LocalProperties", "Confirmed", "CreatedAt")
  SELECT d, d::text, 1000 + 1 + d % (:datasets / 10), 1, '{}', 1, now() FROM generate_series(1, :datasets) d;
-- More may be taken than are there.
INSERT INTO "DatasetInPools" ("Id", "DatasetId", "PoolId", "MinSnapshots", "MaxSnapshots", "SnapshotMaxAge", "Confirmed")
  SELECT d, d, 1000 + 1 + d % :nodes, 14, 10000, 1209600, 1 FROM generate_series(1, :datasets) d;
INSERT INTO "Vpses" ("Id", "Hostname", "UserId", "NodeId", "DatasetId", "State", "Template", "StatusSequence", "Confirmed", "CreatedAt")
  SELECT d, 'vps' || d, 1000 + 1 + d % (:datasets / 10), 1000 + 1 + d % :nodes, d, 0, NULL, 0, 1, now() FROM generate_series(1, :vpses) d;
INSERT INTO "Snapshots" ("Id", "DatasetId", "Name", "CreatedAt", "HistoryId", "Confirmed")
  SELECT (d - 1) * :snapshots + s, d, to_char(t, 'YYYY-MM-DD"T"HH24:MI:SS'), t, 1, 1
  FROM generate_series(1, :datasets) d, generate_series(1, :snapshots) s, LATERAL (SELECT timestamptz '2026-01-01 00:00:00Z' + s * interval '1 day' + d * interval '1 second' t) x;
INSERT INTO "SnapshotInPools" ("Id", "SnapshotId", "DatasetInPoolId", "ReferenceCount", "Confirmed") SELECT "Id", "Id", "DatasetId", 0, 1 FROM "Snapshots";
INSERT INTO "TransactionChains" ("Id", "Name", "Label", "UserId", "State", "Size", "Progress", "CreatedAt", "UpdatedAt", "ConcernType")
  SELECT c, CASE c % 3 WHEN 0 THEN 'snapshot' WHEN 1 THEN 'full_download' ELSE 'backup' END, 'Chain', 1000 + 1 + c % (:datasets / 10), CASE WHEN c % 1000 = 0 THEN 4 ELSE 2 END, 2, 2, now(), now(), 0
  FROM generate_series(1, :datasets) c;
INSERT INTO "Transactions" ("Id", "ChainId", "Position", "NodeId", "Type", "Queue", "OnFailure", "Input", "State", "StartedAt", "FinishedAt")
  SELECT c * 2 + p, c, p, 1000 + 1 + c % :nodes, 5204, 'storage', 0, '{}', 2, now(), now() FROM generate_series(1, :datasets) c, generate_series(0, 1) p;
INSERT INTO "ChainConcerns" ("ChainId", "ClassName", "RowId") SELECT c, 'Dataset', c FROM generate_series(1, :datasets) c;
-- Nobody tells the server of them, and so it hands nothing out.
INSERT INTO "TransactionChains" ("Id", "Name", "Label", "UserId", "State", "Size", "Progress", "CreatedAt", "UpdatedAt", "ConcernType")
  SELECT :datasets + c, 'full_download', 'Chain', 1000 + 1 + (:datasets + c) % (:datasets / 10), 1, 2, 0, now(), now(), 0 FROM generate_series(1, :waiting) c;
INSERT INTO "Transactions" ("Id", "ChainId", "Position", "NodeId", "Type", "Queue", "OnFailure", "Input", "State", "StartedAt")
  SELECT (:datasets + c) * 2 + p, :datasets + c, p, 1000 + 1 + c % :nodes, 5004, 'zfs_send', 0, '{}', 1 - p, CASE p WHEN 0 THEN now() END FROM generate_series(1, :waiting) c, generate_series(0, 1) p;
SELECT setval(pg_get_serial_sequence('"Users"', 'Id'), max("Id")) FROM "Users";
SELECT setval(pg_get_serial_sequence('"UserSessions"', 'Id'), max("Id")) FROM "UserSessions";
SELECT setval(pg_get_serial_sequence('"AuthTokens"', 'Id'), max("Id")) FROM "AuthTokens";
SELECT setval(pg_get_serial_sequence('"Nodes"', 'Id'), max("Id")) FROM "Nodes";
SELECT setval(pg_get_serial_sequence('"Pools"', 'Id'), max("Id")) FROM "Pools";
SELECT setval(pg_get_serial_sequence('"Datasets"', 'Id'), max("Id")) FROM "Datasets";
SELECT setval(pg_get_serial_sequence('"DatasetInPools"', 'Id'), max("Id")) FROM "DatasetInPools";
SELECT setval(pg_get_serial_sequence('"Vpses"', 'Id'), max("Id")) FROM "Vpses";
SELECT setval(pg_get_serial_sequence('"Snapshots"', 'Id'), max("Id")) FROM "Snapshots";
SELECT setval(pg_get_serial_sequence('"SnapshotInPools"', 'Id'), max("Id")) FROM "SnapshotInPools";
SELECT setval(pg_get_serial_sequence('"TransactionChains"', 'Id'), max("Id")) FROM "TransactionChains";
SELECT setval(pg_get_serial_sequence('"Transactions"', 'Id'), max("Id")) FROM "Transactions";
ANALYZE;
