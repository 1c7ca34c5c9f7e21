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
        let interlaced: Bool? =
            switch parameters.pointee.field_order {
            case AV_FIELD_TT, AV_FIELD_BB, AV_FIELD_TB, AV_FIELD_BT: true
            case AV_FIELD_PROGRESSIVE: false
            default: nil
            }
        let transfer: ProbedVideo.Transfer =
            switch parameters.pointee.color_trc {
            case AVCOL_TRC_SMPTE2084: .pq
            case AVCOL_TRC_ARIB_STD_B67: .hlg
            default: .sdr
            }
        var video = ProbedVideo(
            streamIndex: index, codec: String(cString: avcodec_get_name(parameters.pointee.codec_id)),
            width: Int(parameters.pointee.width), height: Int(parameters.pointee.height),
            sampleAspect: rational(aspect) ?? .one, orientation: orientation(of: stream),
            declaredRate: rational(stream.pointee.avg_frame_rate) ?? rational(stream.pointee.r_frame_rate),
            isInterlaced: interlaced ?? false, transfer: transfer,
            pixelFormat: av_get_pix_fmt_name(format).map { String(cString: $0) } ?? "unknown")
        video.isDeclaredInterlaced = interlaced
        let isRGB = av_pix_fmt_desc_get(format).map { $0.pointee.flags & UInt64(AV_PIX_FMT_FLAG_RGB) != 0 }
        video.colour = ProbedColour(
            primaries: Int(parameters.pointee.color_primaries.rawValue),
            transfer: Int(parameters.pointee.color_trc.rawValue),
            matrix: Int(parameters.pointee.color_space.rawValue),
            isFullRange: parameters.pointee.color_range == AVCOL_RANGE_JPEG, isRGB: isRGB ?? false)
        return video
    }

    /// Every stream, whether it is used or not.
    func probedStreams() -> [ProbedStream] {
        (0..<Int(context.pointee.nb_streams)).compactMap { index in
            guard let stream = stream(index), let parameters = stream.pointee.codecpar else { return nil }
            let isCover = stream.pointee.disposition & AV_DISPOSITION_ATTACHED_PIC != 0
            let kind: ProbedStream.Kind =
                switch parameters.pointee.codec_type {
                case AVMEDIA_TYPE_VIDEO: isCover ? .picture : .video
                case AVMEDIA_TYPE_AUDIO: .audio
                case AVMEDIA_TYPE_SUBTITLE: .subtitles
                case AVMEDIA_TYPE_ATTACHMENT: .attachment
                default: .data
                }
            let duration = stream.pointee.duration
            let unit = rational(stream.pointee.time_base)?.value ?? 0
            let rate = Int(parameters.pointee.bit_rate)
            var probed = ProbedStream(
                index: index, kind: kind, codec: String(cString: avcodec_get_name(parameters.pointee.codec_id)),
                isDecodable: decoder(for: parameters) != nil, language: tag("language", of: stream),
                declaredSeconds: duration == weir_no_timestamp() ? nil : Double(duration) * unit,
                declaredBitsPerSecond: rate > 0 ? rate : nil)
            let properties = avcodec_descriptor_get(parameters.pointee.codec_id)?.pointee.props ?? 0
            probed.showsTextAsPictures = properties & AV_CODEC_PROP_BITMAP_SUB != 0
            return probed
        }
    }

    func probedAudio() -> [ProbedAudio] {
        (0..<Int(context.pointee.nb_streams)).compactMap { index in
            guard let stream = stream(index), let parameters = stream.pointee.codecpar,
                parameters.pointee.codec_type == AVMEDIA_TYPE_AUDIO, decoder(for: parameters) != nil,
                parameters.pointee.sample_rate > 0, parameters.pointee.ch_layout.nb_channels > 0
            else { return nil }
            return ProbedAudio(
                streamIndex: index, codec: String(cString: avcodec_get_name(parameters.pointee.codec_id)),
                sampleRate: Int(parameters.pointee.sample_rate),
                channels: Int(parameters.pointee.ch_layout.nb_channels),
                language: tag("language", of: stream),
                isDefault: stream.pointee.disposition & AV_DISPOSITION_DEFAULT != 0)
        }
    }

    /// Those that are text and of a codec that Weir reads.
    func probedSubtitles() -> [ProbedSubtitles] {
        (0..<Int(context.pointee.nb_streams)).compactMap { index in
            guard let stream = stream(index), let parameters = stream.pointee.codecpar,
                parameters.pointee.codec_type == AVMEDIA_TYPE_SUBTITLE, decoder(for: parameters) != nil
            else { return nil }
            return ProbedSubtitles(
                streamIndex: index, codec: String(cString: avcodec_get_name(parameters.pointee.codec_id)),
                language: tag("language", of: stream), title: tag("title", of: stream),
                isForced: stream.pointee.disposition & AV_DISPOSITION_FORCED != 0,
                describesSound: stream.pointee.disposition & AV_DISPOSITION_HEARING_IMPAIRED != 0)
        }
    }

    private func tag(_ key: String, of stream: UnsafeMutablePointer<AVStream>) -> String? {
        av_dict_get(stream.pointee.metadata, key, nil, 0)?.pointee.value.map { String(cString: $0) }
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
