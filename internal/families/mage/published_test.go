package mage

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/models"
	"github.com/lethe-audit/lethe/internal/torch"
)

// TestPublishedMAGE: the names cover the transformer's weights once each, and a published weight and ours have the same
// number of elements in the same order of dimensions.
func TestPublishedMAGE(t *testing.T) {
	small := *tinyMAGE
	small.Classes, small.ShowMask = 3, true
	for _, c := range []struct {
		f    *Family
		size int
	}{{tinyMAGE, 16}, {&small, 32}} {
		m, err := c.f.New(torch.CPU, models.Shape{Size: c.size, Masked: true}, 1)
		require.NoError(t, err)
		ours := map[string][]int64{}
		for _, q := range m.Params().Layout() {
			if !strings.HasPrefix(q.Name, "tokenizer.") {
				ours[q.Name] = q.Shape
			}
		}
		m.Params().Free()
		theirs := map[string]bool{}
		for _, p := range c.f.Published(models.Shape{Size: c.size, Masked: true}) {
			assert.False(t, theirs[p.Theirs], "%s stands twice", p.Theirs)
			theirs[p.Theirs] = true
			if p.Ours == "" {
				continue
			}
			shape, ok := ours[p.Ours]
			require.True(t, ok, "%s has no weight %s", p.Theirs, p.Ours)
			assert.Equal(t, shape, slices.DeleteFunc(slices.Clone(p.Shape), func(d int64) bool {
				return d == 1 &&
					len(p.Shape) > len(shape)
			}), p.Theirs)
			delete(ours, p.Ours)
		}
		assert.Empty(t, ours, "weights without a published name")
	}
}

// TestPublishedMAGESize holds facts of the released ViT-B: 2025 words of 768, 257 places, and 12 + 8 blocks.
func TestPublishedMAGESize(t *testing.T) {
	f := Released()
	require.NoError(t, f.Check(models.Shape{Size: 256, Masked: true}))
	shapes, used := map[string][]int64{}, int64(0)
	for _, p := range f.Published(models.Shape{Size: 256, Masked: true}) {
		shapes[p.Theirs] = p.Shape
		if p.Ours != "" {
			n := int64(1)
			for _, d := range p.Shape {
				n *= d
			}
			used += n
		}
	}
	assert.Equal(t, []int64{2025, 768}, shapes["token_emb.word_embeddings.weight"])
	assert.Equal(t, []int64{257, 768}, shapes["token_emb.position_embeddings.weight"])
	assert.Equal(t, []int64{1, 257, 768}, shapes["decoder_pos_embed_learned"])
	assert.Equal(t, []int64{3072, 768}, shapes["blocks.11.mlp.fc1.weight"])
	assert.Equal(t, []int64{2304, 768}, shapes["decoder_blocks.7.attn.qkv.weight"])
	assert.Equal(t, []int64{1, 1, 2025}, shapes["mlm_layer.bias"])
	assert.NotContains(t, shapes, "blocks.12.norm1.weight")
	assert.Equal(t, int64(1100), f.label())
	assert.Equal(t, 2024, f.vocabulary()-1, "the mask token")
	// 20 blocks, 3 embeddings of tokens and places, 2 linear layers, 4 normalisations, the words' bias.
	block := int64(12*768*768 + 13*768)
	const tokenizer = 54515587 // as the released shapes add up
	assert.Equal(t, 20*block+(2025+257+257)*768+2*(768*768+768)+4*2*768+2025+tokenizer, used)
}
