#ifndef WEIR_CFFMPEG_SHIM_H
#define WEIR_CFFMPEG_SHIM_H
#include <libavformat/avformat.h>
#include <libavcodec/avcodec.h>
#endif
