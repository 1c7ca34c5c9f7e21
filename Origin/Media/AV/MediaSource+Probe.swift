internal import CFFmpeg
internal import MediaPlan

extension MediaSource {
    /// The picture stream with the most pixels that is no cover image.
    func probedVideo() throws -> ProbedVideo? {
        var best: (index: Int, pixels: Int)?
        var refused: String?
        for index in 0..<Int(context.pointee.nb_streams) {
            guard let stream = stream(index), let parameters = stream.pointee.codecpar,
                parameters.pointee.codec_type == AVMEDIA_TYPE_VIDEO,
                stream.pointee.disposition & AV_DISPOSITION_ATTACHED_PIC == 0
            else { continue }
            guard decoder(for: parameters) != nil else {
                refused = String(cString: avcodec_get_name(parameters.pointee.codec_id))
                continue
            }
            let pixels = Int(parameters.pointee.width) * Int(parameters.pointee.height)
            if pixels > best?.pixels ?? 0 { best = (index, pixels) }
        }
        if best == nil, let refused {
            throw MediaRejection("The pictures in this file are coded as \(refused), which Weir does not read.")
        }
        return best.flatMap { video(at: $0.index) }
    }

    private func video(at index: Int) -> ProbedVideo? {
        guard let stream = stream(index), let parameters = stream.pointee.codecpar else { return nil }
        let aspect = av_guess_sample_aspect_ratio(context, stream, nil)
        let format = AVPixelFormat(rawValue: parameters.pointee.format)
        let interlaced = [AV_FIELD_TT, AV_FIELD_BB, AV_FIELD_TB, AV_FIELD_BT]
        let transfer: ProbedVideo.Transfer =
            switch parameters.pointee.color_trc {
            case AVCOL_TRC_SMPTE2084: .pq
            case AVCOL_TRC_ARIB_STD_B67: .hlg
            default: .sdr
            }
        return ProbedVideo(
            streamIndex: index, codec: String(cString: avcodec_get_name(parameters.pointee.codec_id)),
            width: Int(parameters.pointee.width), height: Int(parameters.pointee.height),
            sampleAspect: rational(aspect) ?? .one, orientation: orientation(of: stream),
            averageRate: rational(stream.pointee.avg_frame_rate), nominalRate: rational(stream.pointee.r_frame_rate),
            isInterlaced: interlaced.contains(parameters.pointee.field_order), transfer: transfer,
            pixelFormat: av_get_pix_fmt_name(format).map { String(cString: $0) } ?? "unknown")
    }

    func probedAudio() -> [ProbedAudio] {
        (0..<Int(context.pointee.nb_streams)).compactMap { index in
            guard let stream = stream(index), let parameters = stream.pointee.codecpar,
                parameters.pointee.codec_type == AVMEDIA_TYPE_AUDIO, decoder(for: parameters) != nil,
                parameters.pointee.sample_rate > 0, parameters.pointee.ch_layout.nb_channels > 0
            else { return nil }
            let language = av_dict_get(stream.pointee.metadata, "language", nil, 0)
            return ProbedAudio(
                streamIndex: index, codec: String(cString: avcodec_get_name(parameters.pointee.codec_id)),
                sampleRate: Int(parameters.pointee.sample_rate),
                channels: Int(parameters.pointee.ch_layout.nb_channels),
                language: language?.pointee.value.map { String(cString: $0) },
                isDefault: stream.pointee.disposition & AV_DISPOSITION_DEFAULT != 0)
        }
    }

    /// The allowed decoder for a stream; nil if there is none.
    func decoder(for parameters: UnsafePointer<AVCodecParameters>) -> UnsafePointer<AVCodec>? {
        var state: UnsafeMutableRawPointer?
        while let codec = av_codec_iterate(&state) {
            guard codec.pointee.id == parameters.pointee.codec_id, av_codec_is_decoder(codec) != 0 else { continue }
            if InputPolicy.decoders.contains(String(cString: codec.pointee.name)) { return codec }
        }
        return nil
    }

    private func rational(_ value: AVRational) -> Rational? { Rational(Int(value.num), Int(value.den)) }

    private func orientation(of stream: UnsafeMutablePointer<AVStream>) -> Orientation {
        var size = 0
        guard let data = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size), size >= 36 else {
            return .upright
        }
        return data.withMemoryRebound(to: Int32.self, capacity: 9) { matrix in
            Orientation(a: Int(matrix[0]), b: Int(matrix[1]), c: Int(matrix[3]), d: Int(matrix[4]))
        }
    }
}
