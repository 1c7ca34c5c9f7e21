internal import Bytes
internal import HTTPWire
internal import JSON

/// A message holds no event that can be understood.
public struct ObjectEventUnreadable: Error, Equatable, CustomStringConvertible {
    /// What is wrong with it.
    public let description: String
}

extension ObjectEvent {
    /// Sixteen hexadecimal digits: texts of one length compare as their numbers do.
    static func sequencer(_ id: Int64) -> String {
        let digits = String(id, radix: 16, uppercase: true)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// S3's notification of the event, JSON; the key is percent-encoded in it.
    var document: String {
        let record: JSONObject = [
            "eventVersion": "2.4", "eventSource": "aws:s3", "awsRegion": .string(region),
            "eventTime": .string(ISO8601.extended(milliseconds: createdAt)), "eventName": .string(name),
            "userIdentity": ["principalId": .string(principalId ?? "weir")],
            "requestParameters": ["sourceIPAddress": .string(sourceAddress ?? "")],
            "responseElements": ["x-amz-request-id": .string(requestId), "x-amz-id-2": "weir"],
            "s3": [
                "s3SchemaVersion": "1.0", "configurationId": "weir",
                "bucket": [
                    "name": .string(bucket), "ownerIdentity": ["principalId": "weir"],
                    "arn": .string("arn:aws:s3:::\(bucket)"),
                ],
                "object": [
                    "key": .string(PercentEncoding.encode(key, allowed: .path)), "size": .integer(size),
                    "eTag": .string(etag), "sequencer": .string(sequencer),
                ],
            ],
        ]
        return String(decoding: JSONValue.object(["Records": [.object(record)]]).serialized(), as: UTF8.self)
    }

    /// Reads a notification of one event; only the major version counts, and members that nobody knows are left out.
    public init(document: String) throws(ObjectEventUnreadable) {
        guard let value = try? JSONValue.parse(Array(document.utf8)), let records = value["Records"]?.array else {
            throw ObjectEventUnreadable(description: "the message is no S3 notification")
        }
        guard records.count == 1, let record = records.first else {
            throw ObjectEventUnreadable(description: "the notification has \(records.count) records")
        }
        guard record["eventVersion"]?.string?.hasPrefix("2.") == true else {
            throw ObjectEventUnreadable(description: "the record is of another version")
        }
        let object = record["s3"]?["object"]
        guard let name = record["eventName"]?.string, let bucket = record["s3"]?["bucket"]?["name"]?.string,
            let key = object?["key"]?.string.flatMap({ PercentEncoding.decode($0) }),
            let size = object?["size"]?.integer, let etag = object?["eTag"]?.string,
            let sequencer = object?["sequencer"]?.string, let number = Int64(sequencer, radix: 16), number > 0,
            let time = record["eventTime"]?.string.flatMap({ ISO8601.parse($0) })
        else { throw ObjectEventUnreadable(description: "the record misses what an event of an object has") }
        self.init(
            name: name, bucket: bucket, key: key, size: size, etag: etag,
            requestId: record["responseElements"]?["x-amz-request-id"]?.string ?? "", createdAt: time * 1_000,
            region: record["awsRegion"]?.string ?? "", principalId: record["userIdentity"]?["principalId"]?.string,
            sourceAddress: record["requestParameters"]?["sourceIPAddress"]?.string)
        self.sequencer = sequencer
    }
}
