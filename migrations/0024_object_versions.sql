-- Which object was registered: on a store whose objects can be replaced, a download answers that one or says that it
-- changed. Both are the store's own words; of assets registered before, and where there are no versions, null.
ALTER TABLE raw_assets ADD COLUMN etag TEXT;
ALTER TABLE raw_assets ADD COLUMN object_version TEXT;
