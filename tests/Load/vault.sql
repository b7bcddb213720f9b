-- A node for backups of all datasets, which has all their snapshots: what is left to do is what a day brings. After rows.sql.
SET session_replication_role = replica;
INSERT INTO "Nodes" ("Id", "Name", "LocationId", "DomainName", "Role", "RunsVpses", "VpsTemplates")
  SELECT max("Id") + 1, 'vault', (SELECT min("Id") FROM "Locations"), 'vault.example.org', 1, false, '' FROM "Nodes" RETURNING "Id" AS vault \gset
INSERT INTO "Pools" ("Id", "NodeId", "Label", "Filesystem", "Role", "RefquotaCheck") VALUES (:vault, :vault, 'vault/backup', 'vault/backup', 2, false);
INSERT INTO "DatasetInPools" ("Id", "DatasetId", "PoolId", "MinSnapshots", "MaxSnapshots", "SnapshotMaxAge", "Confirmed")
  SELECT :datasets + d, d, :vault, 14, 10000, 1209600, 1 FROM generate_series(1, :datasets) d;
INSERT INTO "DatasetTrees" ("Id", "DatasetInPoolId", "Index", "IsHead", "Confirmed", "CreatedAt") SELECT d, :datasets + d, 0, true, 1, now() FROM generate_series(1, :datasets) d;
INSERT INTO "Branches" ("Id", "TreeId", "Name", "Index", "IsHead", "Confirmed", "CreatedAt") SELECT d, d, '2026-01-01T00:00:00', 0, true, 1, now() FROM generate_series(1, :datasets) d;
INSERT INTO "SnapshotInPools" ("Id", "SnapshotId", "DatasetInPoolId", "ReferenceCount", "Confirmed")
  SELECT (SELECT max("Id") FROM "Snapshots") + "Id", "Id", :datasets + "DatasetId", 0, 1 FROM "Snapshots";
INSERT INTO "SnapshotInBranches" ("Id", "BranchId", "SnapshotInPoolId", "Confirmed")
  SELECT "Id", "DatasetId", (SELECT max("Id") FROM "Snapshots") + "Id", 1 FROM "Snapshots";
SELECT setval(pg_get_serial_sequence('"Nodes"', 'Id'), max("Id")) FROM "Nodes";
SELECT setval(pg_get_serial_sequence('"Pools"', 'Id'), max("Id")) FROM "Pools";
SELECT setval(pg_get_serial_sequence('"DatasetInPools"', 'Id'), max("Id")) FROM "DatasetInPools";
SELECT setval(pg_get_serial_sequence('"DatasetTrees"', 'Id'), max("Id")) FROM "DatasetTrees";
SELECT setval(pg_get_serial_sequence('"Branches"', 'Id'), max("Id")) FROM "Branches";
SELECT setval(pg_get_serial_sequence('"SnapshotInPools"', 'Id'), max("Id")) FROM "SnapshotInPools";
SELECT setval(pg_get_serial_sequence('"SnapshotInBranches"', 'Id'), max("Id")) FROM "SnapshotInBranches";
ANALYZE;
