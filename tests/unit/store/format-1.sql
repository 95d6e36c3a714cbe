BEGIN TRANSACTION;
CREATE TABLE changes (
    revision INTEGER PRIMARY KEY,
    type TEXT NOT NULL,
    resource TEXT NOT NULL,
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    previous TEXT
);
INSERT INTO "changes" VALUES(1,'ADDED','namespaces','','default','{"metadata":{"name":"default"}}',NULL);
INSERT INTO "changes" VALUES(2,'ADDED','pods','default','web','{"metadata":{"name":"web"},"spec":{"nodeName":""}}',NULL);
INSERT INTO "changes" VALUES(3,'MODIFIED','pods','default','web','{"metadata":{"name":"web","ownerReferences":[{"uid":"u1"}]},"spec":{"nodeName":"n1"}}','{"metadata":{"name":"web"},"spec":{"nodeName":""}}');
CREATE TABLE objects (
    resource TEXT NOT NULL,
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    revision INTEGER NOT NULL,
    value TEXT NOT NULL CHECK (json_valid(value)),
    UNIQUE (resource, namespace, name)
);
INSERT INTO "objects" VALUES('namespaces','','default',1,'{"metadata":{"name":"default"}}');
INSERT INTO "objects" VALUES('pods','default','web',3,'{"metadata":{"name":"web","ownerReferences":[{"uid":"u1"}]},"spec":{"nodeName":"n1"}}');
CREATE TABLE owners (
    uid TEXT NOT NULL,
    resource TEXT NOT NULL,
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (uid, resource, namespace, name)
) WITHOUT ROWID;
INSERT INTO "owners" VALUES('u1','pods','default','web');
CREATE INDEX objects_by_node ON objects (resource, ifnull(json_extract(value, '$.spec.nodeName'), ''), namespace, name);
CREATE INDEX owners_by_key ON owners (resource, namespace, name);
CREATE INDEX changes_by_resource ON changes (resource, revision);
CREATE TRIGGER owners_of_new AFTER INSERT ON objects BEGIN
    INSERT OR IGNORE INTO owners
    SELECT json_extract(each.value, '$.uid'), new.resource, new.namespace, new.name
    FROM json_each(new.value, '$.metadata.ownerReferences') AS each
    WHERE json_extract(each.value, '$.uid') IS NOT NULL;
END;
CREATE TRIGGER owners_of_changed AFTER UPDATE ON objects BEGIN
    DELETE FROM owners WHERE resource = new.resource
        AND namespace = new.namespace AND name = new.name;
    INSERT OR IGNORE INTO owners
    SELECT json_extract(each.value, '$.uid'), new.resource, new.namespace, new.name
    FROM json_each(new.value, '$.metadata.ownerReferences') AS each
    WHERE json_extract(each.value, '$.uid') IS NOT NULL;
END;
CREATE TRIGGER owners_of_gone AFTER DELETE ON objects BEGIN
    DELETE FROM owners WHERE resource = old.resource
        AND namespace = old.namespace AND name = old.name;
END;
COMMIT;
PRAGMA application_id = 1936750195;
PRAGMA user_version = 1;
