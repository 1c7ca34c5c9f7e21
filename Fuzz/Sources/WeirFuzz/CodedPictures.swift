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
    guard let set = configuration.sets.first else { return require(false, "a configuration is empty") }
    if let sequence = set.sequenceFields {
        require(sequence.width >= 0 && sequence.height >= 0 && sequence.macroblocks > 0, "a size is no size")
    }
    guard let numbers = set.numbers else { return }
    if let other = set.numbered(.init(sequence: 31, picture: 200)) {
        require(other.numbers == .init(sequence: 31, picture: 200), "numbers are not what was asked for")
        require(other.numbered(numbers)?.numbers == numbers, "numbers do not come back")
    }
    for lengthBytes in 1...4 {
        guard let picture = try? AVCAccessUnit(coded, lengthBytes: lengthBytes),
            let sample = try? picture.sample(referringTo: numbers.picture, as: numbers.picture)
        else { continue }
        require(sample.count <= coded.count * 4 + 16, "a sample holds more than the picture")
        guard let again = try? AVCAccessUnit(sample, lengthBytes: 4) else {
            return require(false, "a sample is not taken again")
        }
        let same = try? again.sample(referringTo: numbers.picture, as: numbers.picture)
        require(same == sample && again.isIDR == picture.isIDR, "a sample means something else")
        guard let number = longer(numbers.picture) else { continue }
        guard let renumbered = try? picture.sample(referringTo: numbers.picture, as: number) else {
            return require(false, "a slice does not take a number that is longer by a byte")
        }
        let referring = try? AVCAccessUnit(renumbered, lengthBytes: 4).sample(referringTo: number, as: number)
        require(referring == renumbered, "a slice does not refer to its new number")
    }
}

/// A number whose Exp-Golomb code is longer by a byte; nil where there is none.
private func longer(_ number: Int) -> Int? {
    let candidate = (number + 1) << 4 - 1
    return candidate < 256 ? candidate : nil
}
