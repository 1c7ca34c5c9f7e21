import CacheRules
import SegmentStore

/// A stored object that must not be served without asking, with what is needed to ask "still the same?" and to keep it
/// if so.
struct ExpiredObject {
    let object: StoredObject
    let metadata: ObjectMetadata
    let annotation: StoredAnnotation?
    /// If the object is a slice, where it stands.
    let slice: SliceAnnotation?

    /// Copies the variable parts; only right after the look-up that found the object.
    init(_ object: StoredObject, reader: StoreReader) {
        self.object = object
        slice = SliceAnnotation(reader.annotation(of: object))
        annotation = slice?.response ?? StoredAnnotation(reader.annotation(of: object))
        var metadata = ObjectMetadata()
        metadata.status = object.status
        metadata.flags = object.flags
        metadata.head = Array(reader.head(of: object))
        metadata.etag = Array(reader.etag(of: object))
        metadata.tags = reader.tags(of: object)
        metadata.annotation = Array(reader.annotation(of: object))
        metadata.storedAt = object.storedAt
        metadata.freshUntil = object.freshUntil
        metadata.staleIfErrorUntil = object.staleIfErrorUntil
        metadata.staleWhileRevalidateUntil = object.staleWhileRevalidateUntil
        self.metadata = metadata
    }

    /// Whether `other` is this object, as it was.
    func isSame(as other: StoredObject) -> Bool {
        object.id == other.id && object.storedAt == other.storedAt && object.freshUntil == other.freshUntil
    }

    var validators: Validation.Stored {
        Validation.Stored(
            entityTag: String(decoding: metadata.etag, as: UTF8.self), lastModified: annotation?.lastModified,
            length: slice?.total ?? object.length)
    }

    func mayBeServedOnError(at epochSeconds: Int64) -> Bool {
        object.mayBeServedOnError(at: epochSeconds)
    }
}

extension StoredObject {
    /// Whether it may stand in for a failing origin: within its `stale-if-error` window, or still fresh but for a soft
    /// purge.
    func mayBeServedOnError(at epochSeconds: Int64) -> Bool {
        epochSeconds < staleIfErrorUntil || epochSeconds < freshUntil
    }
}
