-- A cluster of :nodes nodes and :datasets datasets with :snapshots snapshots each, and a chain for each dataset: what a server has after some time.
-- Keys are not looked up while rows are loaded; they are right by their making.
SET session_replication_role = replica;
INSERT INTO "Users" ("Id", "Login", "PasswordHash", "Level", "State", "CreatedAt") SELECT u + 1000, 'user' || u, '', 1, 0, now() FROM generate_series(1, :datasets / 10) u;
INSERT INTO "Nodes" ("Id", "Name", "LocationId", "DomainName", "Role", "RunsVpses", "VpsTemplates")
  SELECT n + 1000, 'node' || n, (SELECT min("Id") FROM "Locations"), 'node' || n || '.example.org', 0, false, '' FROM generate_series(1, :nodes) n;
INSERT INTO "Pools" ("Id", "NodeId", "Label", "Filesystem", "Role", "RefquotaCheck") SELECT n + 1000, n + 1000, 'tank/vps', 'tank/vps', 0, false FROM generate_series(1, :nodes) n;
INSERT INTO "Datasets" ("Id", "FullName", "UserId", "CurrentHistoryId", "LocalProperties", "Confirmed", "CreatedAt")
  SELECT d, d::text, 1000 + 1 + d % (:datasets / 10), 1, '{}', 1, now() FROM generate_series(1, :datasets) d;
INSERT INTO "DatasetInPools" ("Id", "DatasetId", "PoolId", "MinSnapshots", "MaxSnapshots", "SnapshotMaxAge", "Confirmed")
  SELECT d, d, 1000 + 1 + d % :nodes, 14, 20, 1209600, 1 FROM generate_series(1, :datasets) d;
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
SELECT setval(pg_get_serial_sequence('"Users"', 'Id'), max("Id")) FROM "Users";
SELECT setval(pg_get_serial_sequence('"Nodes"', 'Id'), max("Id")) FROM "Nodes";
SELECT setval(pg_get_serial_sequence('"Pools"', 'Id'), max("Id")) FROM "Pools";
SELECT setval(pg_get_serial_sequence('"Datasets"', 'Id'), max("Id")) FROM "Datasets";
SELECT setval(pg_get_serial_sequence('"DatasetInPools"', 'Id'), max("Id")) FROM "DatasetInPools";
SELECT setval(pg_get_serial_sequence('"Snapshots"', 'Id'), max("Id")) FROM "Snapshots";
SELECT setval(pg_get_serial_sequence('"SnapshotInPools"', 'Id'), max("Id")) FROM "SnapshotInPools";
SELECT setval(pg_get_serial_sequence('"TransactionChains"', 'Id'), max("Id")) FROM "TransactionChains";
SELECT setval(pg_get_serial_sequence('"Transactions"', 'Id'), max("Id")) FROM "Transactions";
ANALYZE;
