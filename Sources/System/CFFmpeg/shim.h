#ifndef WEIR_CFFMPEG_SHIM_H
#define WEIR_CFFMPEG_SHIM_H

#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/channel_layout.h>
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/mathematics.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libavutil/pixelutils.h>
#include <libswresample/swresample.h>

// Macros with casts, which Swift does not import.
static inline int weir_averror_eof(void) { return AVERROR_EOF; }
static inline int weir_averror_again(void) { return AVERROR(EAGAIN); }
static inline int weir_averror_invalid_data(void) { return AVERROR_INVALIDDATA; }
static inline int weir_averror_io(void) { return AVERROR(EIO); }
static inline int64_t weir_no_timestamp(void) { return AV_NOPTS_VALUE; }

// A demuxer that asks for another file or address gets a refusal, whatever the protocol.
static inline int weir_refuse_open(struct AVFormatContext *context, AVIOContext **io, const char *url, int flags,
                                   AVDictionary **options) {
    (void)context; (void)url; (void)flags; (void)options;
    *io = NULL;
    return AVERROR(EACCES);
}
static inline void weir_forbid_other_files(AVFormatContext *context) { context->io_open = weir_refuse_open; }

// SVT-AV1, opened by root, makes the calling thread a real-time one, and with it every thread that descends from it: they would
// keep all others from the processors. Puts them back into their place.
static inline void weir_leave_real_time(void) {
    if (sched_getscheduler(0) != SCHED_FIFO) return;
    DIR *threads = opendir("/proc/self/task");
    if (threads == NULL) return;
    for (struct dirent *entry; (entry = readdir(threads)) != NULL;) {
        int thread = atoi(entry->d_name);
        struct sched_param none = {0};
        if (thread > 0 && sched_getscheduler(thread) == SCHED_FIFO) sched_setscheduler(thread, SCHED_OTHER, &none);
    }
    closedir(threads);
}

// Option constants are macros of expressions.
static inline int weir_search_children(void) { return AV_OPT_SEARCH_CHILDREN; }

#endif
