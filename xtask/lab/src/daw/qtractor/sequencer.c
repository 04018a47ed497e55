/* In place of ALSA's sequencer where the system has none, loaded before libasound.
 *
 * Qtractor does not start without a sequencer. This one has no other clients; it tells the time, and
 * writes each note that is sent to the file that SEQUENCER_LOG names: beat, port, channel, key,
 * velocity (0 where the key goes up).
 *
 * The structures are the kernel's (sound/asequencer.h), as far as they are used. */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { NOTE = 5, NOTE_ON = 6, NOTE_OFF = 7, START = 30, STOP = 32, TEMPO = 35 };

struct event {
	unsigned char type, flags, tag, queue;
	unsigned tick, unused;
	unsigned char source_client, source_port, client, port;
	unsigned char channel, key, velocity, off_velocity;
	unsigned duration;
};

struct status {
	int queue, events;
	unsigned tick;
};

struct tempo {
	int queue;
	unsigned tempo;
	int ticks;
	unsigned skew, skew_base;
};

extern void snd_seq_client_info_set_client(void *info, int client);
extern void snd_seq_port_info_set_port(void *info, int port);

static FILE *notes;
static int ends[2], ports, running;
static double started, microseconds = 500000, ticks = 960;

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1e6 + time.tv_nsec * 1e-3;
}

static void write_down(double tick, const struct event *event, int velocity)
{
	fprintf(notes, "%.6f %d %d %d %d\n", tick / ticks, event->source_port, event->channel, event->key, velocity);
}

static int send(const struct event *event)
{
	if (event->type == NOTE || event->type == NOTE_ON)
		write_down(event->tick, event, event->velocity);
	if (event->type == NOTE)
		write_down(event->tick + event->duration, event, 0);
	if (event->type == NOTE_OFF)
		write_down(event->tick, event, 0);
	return 0;
}

int snd_seq_open(void **handle, const char *name, int streams, int mode)
{
	const char *file = getenv("SEQUENCER_LOG");
	notes = file ? fopen(file, "w") : NULL;
	/* Nothing is ever written to it: a wait for it is a wait for ever. */
	if (!notes || pipe(ends))
		return -ENOENT;
	setvbuf(notes, NULL, _IOLBF, 0);
	*handle = calloc(1, 4096);
	return *handle ? 0 : -ENOMEM;
}

int snd_seq_control_queue(void *handle, int queue, int type, int value, void *event)
{
	if (type == START) {
		running = 1;
		started = now();
	} else if (type == STOP) {
		running = 0;
	} else if (type == TEMPO) {
		microseconds = value;
	}
	return 0;
}

int snd_seq_get_queue_status(void *handle, int queue, struct status *status)
{
	status->tick = running ? (now() - started) / microseconds * ticks : 0;
	return 0;
}

int snd_seq_get_queue_tempo(void *handle, int queue, struct tempo *tempo)
{
	*tempo = (struct tempo){ queue, microseconds, ticks, 0x10000, 0x10000 };
	return 0;
}

int snd_seq_set_queue_tempo(void *handle, int queue, struct tempo *tempo)
{
	microseconds = tempo->tempo;
	ticks = tempo->ticks;
	return 0;
}

int snd_seq_poll_descriptors(void *handle, struct pollfd *polled, unsigned space, short events)
{
	if (space < 1)
		return 0;
	*polled = (struct pollfd){ .fd = ends[0], .events = POLLIN };
	return 1;
}

int snd_seq_get_any_client_info(void *handle, int client, void *info)
{
	snd_seq_client_info_set_client(info, client);
	return 0;
}

int snd_seq_get_port_info(void *handle, int port, void *info)
{
	snd_seq_port_info_set_port(info, port);
	return 0;
}

int snd_seq_create_simple_port(void *handle, const char *name, unsigned access, unsigned type)
{
	return ports++;
}

int snd_seq_event_output(void *handle, struct event *event) { return send(event); }
int snd_seq_event_output_direct(void *handle, struct event *event) { return send(event); }
int snd_seq_event_input(void *handle, void **event) { *event = NULL; return -EAGAIN; }
int snd_seq_client_id(void *handle) { return 128; }
int snd_seq_poll_descriptors_count(void *handle, short events) { return 1; }

/* What there is none of. */
int snd_seq_get_any_port_info(void *h, int c, int p, void *i) { return -ENOENT; }
int snd_seq_query_next_client(void *h, void *i) { return -ENOENT; }
int snd_seq_query_next_port(void *h, void *i) { return -ENOENT; }
int snd_seq_query_port_subscribers(void *h, void *i) { return -ENOENT; }
int snd_timer_query_open(void **h, const char *n, int m) { return -ENOENT; }

/* What there is nothing to do for. */
int snd_seq_close(void *h) { return 0; }
int snd_seq_set_client_name(void *h, const char *n) { return 0; }
int snd_seq_alloc_queue(void *h) { return 0; }
int snd_seq_free_queue(void *h, int q) { return 0; }
int snd_seq_delete_simple_port(void *h, int p) { return 0; }
int snd_seq_drain_output(void *h) { return 0; }
int snd_seq_drop_output(void *h) { return 0; }
int snd_seq_drop_input(void *h) { return 0; }
int snd_seq_event_input_pending(void *h, int f) { return 0; }
int snd_seq_set_port_info(void *h, int p, void *i) { return 0; }
int snd_seq_set_queue_timer(void *h, int q, void *t) { return 0; }
int snd_seq_remove_events(void *h, void *r) { return 0; }
int snd_seq_subscribe_port(void *h, void *s) { return 0; }
int snd_seq_unsubscribe_port(void *h, void *s) { return 0; }
