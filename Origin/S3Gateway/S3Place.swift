/// Where an object is, or is to be.
struct S3Place: Sendable, Equatable {
    let bucket: String
    let key: String
}
