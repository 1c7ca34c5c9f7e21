import CMAF

/// Headers and coded pictures of H.264 as files hold them: a picture that is taken is given as one that is taken again and means the same.
///
/// The input is two bytes with the length of the header's record, then that, then a picture.
func fuzzCodedPictures(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= 2 else { return }
    let length = min(Int(bytes[0]) << 8 | Int(bytes[1]), bytes.count - 2)
    let record = [UInt8](bytes[2..<2 + length])
    let coded = [UInt8](bytes[(2 + length)...])
    guard let configuration = AVCConfiguration(record: record) else { return }
    require(configuration.codecString.utf8.count == 11, "a codec string is not avc1.PPCCLL")
    if let sequence = configuration.sequence {
        require(sequence.width >= 0 && sequence.height >= 0 && sequence.macroblocks > 0, "a size is no size")
    }
    for lengthBytes in 1...4 {
        guard let picture = try? AVCAccessUnit(coded, lengthBytes: lengthBytes, configuration: configuration) else {
            continue
        }
        require(picture.sample.count <= coded.count * 4 + 16, "a sample holds more than the picture")
        guard let again = try? AVCAccessUnit(picture.sample, lengthBytes: 4, configuration: configuration) else {
            return require(false, "a sample is not taken again")
        }
        require(again.sample == picture.sample && again.isIDR == picture.isIDR, "a sample means something else")
    }
}
